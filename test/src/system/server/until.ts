import { setTimeout as delay } from 'node:timers/promises'

type Falsy = undefined | null | false | 0 | ''

/**
 * Asks until the condition holds, and answers what it answered. What it throws counts as "not yet".
 *
 * @param what is waited for, as the error says it: "nginx answering on port 80"
 * @param seconds gives up after this long, with what was seen last
 */
export async function until<T>(
  what: string,
  condition: () => T | Falsy | Promise<T | Falsy>,
  seconds = 30,
): Promise<Exclude<T, Falsy>> {
  const deadline = Date.now() + seconds * 1000
  let last: unknown
  for (;;) {
    try {
      const answer = await condition()
      if (answer) return answer as Exclude<T, Falsy>
      last = answer
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}; at last: ${describe(last)}`)
    await delay(20)
  }
}

const describe = (value: unknown): string => (value instanceof Error ? value.message : JSON.stringify(value))
