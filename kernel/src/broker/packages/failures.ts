import {
  PackagesFailed,
  PackagesGone,
  PackagesHeld,
  PackagesInterrupted,
  PackagesLocked,
  PackagesNoSpace,
  PackagesUnmet,
  PackagesUnreachable,
  PackagesUntrusted,
  PlanOutdated,
  type Problem,
} from '../errors.js'

const kept = 1500
const url = '(?:https?|ftp|file|cdrom|mirror\\S*):\\S+'

const locked =
  /^(?:E|dpkg): [^\n]*(?:Could not get lock|Unable to acquire the dpkg|Unable to lock|lock was locked by another process)/m
const holder = /(?:Could not get lock|Unable to (?:acquire|lock))[^\n]*?held by process (\d+)(?: \(([^)\n]+)\))?/

type Recognised = (output: string, commandOf: (pid: number) => string) => Problem | undefined

/**
 * What each failure looks like in the English of apt and dpkg (LC_ALL=C). What none of them fits is shown as it is. The first that fits counts:
 * causes stand before what they bring about. A lock is held when an error says so; who holds it may stand in apt's progress alone.
 */
const recognisers: readonly Recognised[] = [
  (output, commandOf) => {
    if (!locked.test(output)) return undefined
    const held = holder.exec(output) ?? /lock was locked by another process with pid (\d+)()/.exec(output)
    if (!held) return PackagesLocked({ pid: 0, program: '?' })
    const pid = Number(held[1])
    return PackagesLocked({ pid, program: held[2] || commandOf(pid) })
  },
  output => {
    const place = /You don't have enough free space in (\S+?)\.?$/m.exec(output)?.[1]
    if (place) return PackagesNoSpace({ place })
    return /No space left on device/.test(output) ? PackagesNoSpace({ place: '/' }) : undefined
  },
  output => {
    const why = '404 +Not Found|File not found|Hash Sum mismatch|unexpected size'
    const gone = new RegExp(`Failed to fetch (${url})[^\\n]*(?:${why})`).exec(output)
    return gone ? PackagesGone({ source: gone[1] as string }) : undefined
  },
  output =>
    /NO_PUBKEY|is not signed|signatures? (?:were|was|couldn't|could not)[^\n]*|EXPKEYSIG|BADSIG|cannot be authenticated|unauthenticated packages/.test(
      output,
    )
      ? PackagesUntrusted({ output: telling(output, /sign|PUBKEY|authenticat/i) })
      : undefined,
  output => {
    const failed = new RegExp(`Failed to fetch (${url}) *([^\\n]*)`).exec(output)
    if (failed) return PackagesUnreachable({ source: failed[1] as string, reason: (failed[2] as string).trim() || '?' })
    const unresolved = /(?:Temporary failure resolving|Could not resolve) '([^'\n]+)'/.exec(output)
    return unresolved ? PackagesUnreachable({ source: unresolved[1] as string, reason: unresolved[0] }) : undefined
  },
  output => (/dpkg was interrupted/.test(output) ? PackagesInterrupted({ names: '?' }) : undefined),
  output => (/Version '[^'\n]*' for '[^'\n]*' was not found/.test(output) ? PlanOutdated() : undefined),
  output => (/Held packages were changed/.test(output) ? PackagesHeld({ names: telling(output, /held/i) }) : undefined),
  output =>
    /unmet dependencies|held broken packages|Unable to correct problems|Unable to satisfy dependencies/.test(output)
      ? PackagesUnmet({ output: telling(output, /Depends|Conflicts|Breaks|not going to be installed|held/) })
      : undefined,
]

/**
 * The problem that the output of a failed command stands for.
 * @param commandOf name of the program that runs under a process id
 */
export function failureOf(output: string, commandOf: (pid: number) => string): Problem {
  for (const recognise of recognisers) {
    const problem = recognise(output, commandOf)
    if (problem) return problem
  }
  return PackagesFailed({ output: telling(output, /^(?:E|W|dpkg): |error|failed/i) })
}

/** The lines that tell most, else the last ones. */
function telling(output: string, pattern: RegExp): string {
  const rows = output
    .split('\n')
    .map(row => row.trim())
    .filter(Boolean)
  const some = rows.filter(row => pattern.test(row))
  const text = (some.length ? some : rows.slice(-10)).join('\n')
  return text.length > kept ? `…${text.slice(-kept)}` : text || 'it said nothing'
}
