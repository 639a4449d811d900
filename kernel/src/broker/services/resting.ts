import { readFileSync } from 'node:fs'
import { allProcesses } from '../process-identity.js'

/** What the main process of a service did so far. */
export interface Look {
  readonly pid: number
  /** Tells it from a later process of that number. */
  readonly startTime: string
  /** Page faults and processor time of children that ended (`cminflt`, `cutime`, `cstime` of proc(5)). */
  readonly ended: string
  readonly children: number
}

/** Undefined when there is no such process. */
export function look(pid: number, processes = allProcesses()): Look | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    startTime: fields[19] as string,
    ended: [fields[8], fields[13], fields[14]].join(' '),
    children: processes.filter(({ parent }) => parent === pid).length,
  }
}

/**
 * Whether the service had nothing to do since the last look. It works by children that come on demand and leave soon
 * after: one that has none, and of whose children none ended in between, had no request. What the main process does by
 * itself, such as looking at its clock, does not count.
 */
export function isIdle(now: Look, before: Look | undefined): boolean {
  return (
    before !== undefined &&
    now.children === 0 &&
    before.children === 0 &&
    now.pid === before.pid &&
    now.startTime === before.startTime &&
    now.ended === before.ended
  )
}
