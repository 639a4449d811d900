import { readFileSync } from 'node:fs'

/** Name of the program of a process, `?` when it has ended. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() || '?'
  } catch {
    return '?'
  }
}
