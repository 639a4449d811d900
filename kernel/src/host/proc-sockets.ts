import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The rows of a table below /proc in fields, without its head; none when it cannot be read. */
export function rows(file: string): string[][] {
  try {
    return readFileSync(file, 'latin1')
      .split('\n')
      .slice(1)
      .map(row => row.trim().split(/\s+/))
  } catch {
    return []
  }
}

/** Inodes of the sockets that the process has open; none when it is gone or its descriptors may not be read (ptrace(2)). */
export function socketsOf(pid: number | 'self'): readonly string[] {
  let descriptors: readonly string[]
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
  return descriptors.flatMap(fd => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return []
    }
  })
}
