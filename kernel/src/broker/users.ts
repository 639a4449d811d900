import { readFileSync } from 'node:fs'

/** A Unix identity that files and processes are given. */
export interface UserIdentity {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

const fields = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(row => row && !row.startsWith('#'))
    .map(row => row.split(':'))

/** passwd(5) of this host. */
export function users(etc = '/etc'): readonly UserIdentity[] {
  return fields(`${etc}/passwd`).map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
}

/** group(5) of this host. */
export function groups(etc = '/etc'): readonly Group[] {
  return fields(`${etc}/group`).map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter(Boolean),
  }))
}

export function userNamed(name: string): UserIdentity | undefined {
  return users().find(user => user.name === name)
}

export function groupNamed(name: string): Group | undefined {
  return groups().find(group => group.name === name)
}

/** The group's name; its number stands for a name that group(5) does not know. */
export function groupName(gid: number): string {
  return groups().find(group => group.gid === gid)?.name ?? String(gid)
}

/** The identity of this process; its number stands for a name that passwd does not know. */
export function ownIdentity(): UserIdentity {
  const uid = process.geteuid?.() ?? 0
  const gid = process.getegid?.() ?? 0
  return { name: users().find(user => user.uid === uid)?.name ?? String(uid), uid, gid }
}
