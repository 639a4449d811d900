import type { Privileges } from '@nusantara/sdk'
import type { Granted } from '../broker/protocol.js'
import { inWords, type PrivilegeInWords } from './privileges-in-words.js'

export interface ComparedPrivilege extends PrivilegeInWords {
  /** Against what was agreed to last; absent where it is as before, or nothing was agreed to. */
  readonly change?: 'added' | 'changed' | 'removed'
}

/**
 * What is asked for, each privilege marked by how it differs from what was agreed to, and what is not asked for any more.
 * Words leave out limits, parameters and grammars; a privilege whose words are the same counts as changed by those too.
 */
export function comparePrivileges(now: Granted, before: Granted | undefined): ComparedPrivilege[] {
  const asked = inWords((now.privileges ?? {}) as Privileges)
  if (!before) return asked
  const agreed = inWords((before.privileges ?? {}) as Privileges)
  const known = new Set(agreed.map(({ key }) => key))
  const present = new Set(asked.map(({ key }) => key))
  return [
    ...asked.map(item => {
      if (!known.has(item.key)) return { ...item, change: 'added' as const }
      return wholeRule(now, item.key) === wholeRule(before, item.key) ? item : { ...item, change: 'changed' as const }
    }),
    ...agreed.filter(({ key }) => !present.has(key)).map(item => ({ ...item, change: 'removed' as const })),
  ]
}

/** A rule with the parameters and the grammar that it names, and for a file the changes that write it. */
function wholeRule({ privileges, grammars }: Granted, key: string): string {
  const { params = {}, changes = {}, ...sections } = (privileges ?? {}) as Privileges
  const [section = '', name = ''] = split(key)
  const rule = (sections as Record<string, Record<string, unknown> | undefined>)[section]?.[name]
  const grammar = (rule as { readonly grammar?: string } | undefined)?.grammar
  const used = named(rule)
  return JSON.stringify([
    rule,
    Object.entries(params).filter(([param]) => used.has(param)),
    grammar === undefined ? undefined : grammars[grammar],
    section === 'files' ? Object.values(changes).filter(({ files }) => files.includes(name)) : [],
  ])
}

/** Every parameter that stands anywhere in the rule. */
function named(value: unknown, found = new Set<string>()): Set<string> {
  if (value === null || typeof value !== 'object') return found
  for (const [key, each] of Object.entries(value)) {
    if ((key === 'param' || key === 'each') && typeof each === 'string') found.add(each)
    else named(each, found)
  }
  return found
}

function split(key: string): [string, string] {
  const dot = key.indexOf('.')
  return dot < 0 ? [key, ''] : [key.slice(0, dot), key.slice(dot + 1)]
}
