import { type Message, Problem } from '@nusantara/sdk'

/** Where a finding belongs, in the order in which people look. */
export const groups = ['server', 'panel', 'security', 'work', 'plugins'] as const
export type Group = (typeof groups)[number]

/** What one check found: in words, and, when something is wrong, what to do about it. */
export interface Finding {
  readonly id: string
  readonly group: Group
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: Message
  readonly remedy?: Message
  /** What root types to mend it or to see more. */
  readonly command?: string
  /** Whose check it is; absent for the kernel's own. */
  readonly plugin?: string
}

const groupOf: Readonly<Record<string, Group>> = {
  ports: 'server',
  units: 'server',
  disk: 'server',
  clock: 'server',
  versions: 'server',
  broker: 'panel',
  config: 'panel',
  integrity: 'panel',
  panel: 'panel',
  plugins: 'panel',
  state: 'panel',
  taps: 'panel',
  audit: 'security',
  certificate: 'security',
  journal: 'security',
  permissions: 'security',
  check: 'plugins',
}

interface Options {
  /** One of several things that a check can find with one status. */
  readonly variant?: string
  readonly command?: string | undefined
}

/** Its texts are `health.<id>.<variant, else status>` and, unless all is well, `….remedy`. */
export function finding(
  id: string,
  status: Finding['status'],
  params: Record<string, unknown> = {},
  { variant = status, command }: Options = {},
): Finding {
  const message = { code: `health.${id}.${variant}`, params }
  const group = groupOf[id] ?? 'work'
  if (status === 'ok') return { id, group, status, message }
  const remedy = { code: `${message.code}.remedy`, params }
  return { id, group, status, message, remedy, ...(command !== undefined && { command }) }
}

/**
 * A command line of these words; undefined when one of them holds what a shell would not take literally, as only a name
 * that somebody made up to be copied would.
 */
export function command(...words: readonly string[]): string | undefined {
  return words.every(word => /^[\w.,:=@%+/-]+$/.test(word)) ? words.join(' ') : undefined
}

/** The worst of them. */
export function worst(findings: readonly Pick<Finding, 'status'>[]): Finding['status'] {
  const has = (status: Finding['status']) => findings.some(found => found.status === status)
  return has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok'
}

/** Stable, so that the findings of one group stay in the order of their checks. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group))
}

/** A check that cannot be made is a finding like any other, and keeps no other from being made. */
export async function checked(
  id: string,
  check: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await check()].flat()
  } catch (error) {
    const params = { check: id, reason: reasonOf(error) }
    const { group } = finding(id, 'failed')
    return [{ ...finding('broken', 'failed', params), id, group }]
  }
}

/** Why, in the system's own words: a problem's own message is its code. */
export function reasonOf(error: unknown): string {
  if (error instanceof Problem && error.cause instanceof Error) return reasonOf(error.cause)
  return error instanceof Error ? error.message : String(error)
}
