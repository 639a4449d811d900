import type { UserIdentity } from './users.js'

/** What every process of the broker starts with, and nothing else of the broker's own environment. */
export const fixedEnvironment: Readonly<Record<string, string>> = Object.freeze({
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
})

export interface Command {
  readonly file: string
  readonly argv: readonly string[]
}

/**
 * The command under another user: no supplementary groups, no capabilities, no way to new privileges (setpriv(1)). A
 * plain `spawn({uid, gid})` would keep the capability bounding set.
 */
export function asUser({ file, argv }: Command, { uid, gid }: UserIdentity): Command {
  return {
    file: '/usr/bin/setpriv',
    argv: [
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--no-new-privs',
      '--inh-caps=-all',
      '--bounding-set=-all',
      '--',
      file,
      ...argv,
    ],
  }
}
