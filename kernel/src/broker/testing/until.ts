import { setTimeout as delay } from 'node:timers/promises'

/** Polls until the condition holds. @throws Error when it does not within the time */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 5000): Promise<void> {
  const end = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${ms} ms`)
    await delay(5)
  }
}
