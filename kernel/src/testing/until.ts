import { setTimeout as delay } from 'node:timers/promises'

/** Polls until the condition holds. @param ms gives up after this long */
export async function until(condition: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for: ${condition}`)
    await delay(5)
  }
}
