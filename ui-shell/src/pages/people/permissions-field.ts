import type { Choice, ChoiceGroup } from './checklist.js'
import type { PermissionEntry } from './entries.js'
import { ownerName, permissionText, t } from './texts.js'

/**
 * Permissions as choices in words, by whose they are: the panel's own first. What exists no more, of a plugin that is off, can
 * only be taken away.
 *
 * @param offered those that may be chosen
 * @param chosen names of those that are
 */
export function permissionGroups(
  offered: readonly PermissionEntry[],
  chosen: readonly string[] = [],
): readonly ChoiceGroup[] {
  const owners = [...new Set(offered.map(({ owner }) => owner))].sort((a, b) => rank(a) - rank(b) || compare(a, b))
  const groups = owners.map(owner => ({
    label: ownerName(owner),
    choices: offered.filter(permission => permission.owner === owner).map(choice),
  }))
  const gone = chosen.filter(name => !offered.some(permission => permission.name === name))
  if (!gone.length) return groups
  return [...groups, { label: t('permissions.absent'), choices: gone.map(name => ({ value: name, label: name })) }]
}

function choice({ name, risk }: PermissionEntry): Choice {
  const label = permissionText(name)
  return {
    value: name,
    label,
    ...(label !== name && { note: name }),
    ...(risk === 'high' && { warning: t('permissions.high') }),
  }
}

const rank = (owner: string) => (owner === 'kernel' ? 0 : 1)
const compare = (a: string, b: string) => ownerName(a).localeCompare(ownerName(b))
