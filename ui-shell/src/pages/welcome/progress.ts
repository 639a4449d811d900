import { prefer, preferredList, shellInfo } from '@nusantara/sdk/ui'

/** What was done about a step, or that it was left for later. */
export type Passed = 'done' | 'later'

const name = 'welcome'
const later = '?'

/** Whether the reader is being led through: from the making of the first administrator until they finish or leave. */
export function underWay(): boolean {
  return name in shellInfo().preferences
}

/** The steps that the reader went through, in any order. */
export function passedSteps(): ReadonlyMap<string, Passed> {
  return new Map(
    preferredList(name).map(entry =>
      entry.endsWith(later) ? [entry.slice(0, -later.length), 'later'] : [entry, 'done'],
    ),
  )
}

export function pass(step: string, how: Passed): void {
  const next = new Map(passedSteps()).set(step, how)
  prefer(
    name,
    [...next].map(([id, each]) => (each === 'later' ? id + later : id)),
  )
}

/** Nothing is asked of the reader any more; the pages stay where they were. */
export function finish(): void {
  for (const each of Object.keys(shellInfo().preferences))
    if (each === name || each.startsWith(`${name}.`)) prefer(each, null)
}

/** What one step left for a later one. */
export function recall(what: string): string | undefined {
  const value = shellInfo().preferences[`${name}.${what}`]
  return typeof value === 'string' ? value : undefined
}

export function remember(what: string, value: string): void {
  prefer(`${name}.${what}`, value)
}
