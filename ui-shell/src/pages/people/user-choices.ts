import { locales, may, type Option, session } from '@nusantara/sdk/ui'
import type { Choice, ChoiceGroup } from './checklist.js'
import type { AccountEntry, RoleEntry } from './entries.js'
import { roleName, t } from './texts.js'

export const languages: readonly Option[] = Object.entries(locales).map(([value, label]) => ({ value, label }))

/** Roles that the reader may give: whoever does not hold all of what a role gives cannot give it, nor take it away. */
export function roleChoices(roles: readonly RoleEntry[], chosen: readonly string[]): readonly ChoiceGroup[] {
  const choices = roles
    .filter(role => grantable(role) || chosen.includes(role.id))
    .map((role): Choice => {
      const note = role.builtIn ? t(`role.${role.id}.text`) : role.description
      return { value: role.id, label: roleName(role), disabled: !grantable(role), ...(note && { note }) }
    })
  return [{ choices: [...choices, ...unseen(chosen, roles)] }]
}

/** Accounts that the reader may let somebody into: their own, for who does not administer. */
export function accountChoices(accounts: readonly AccountEntry[], chosen: readonly string[]): readonly ChoiceGroup[] {
  const choices = accounts.map(({ id, name }): Choice => ({ value: id, label: name }))
  return [{ choices: [...choices, ...unseen(chosen, accounts)] }]
}

/** What somebody has although the reader does not see it stays as it is. */
function unseen(chosen: readonly string[], seen: readonly { readonly id: string }[]): readonly Choice[] {
  return chosen
    .filter(id => !seen.some(one => one.id === id))
    .map((id, index) => ({ value: id, label: t('names.hidden', { number: index + 1 }), disabled: true }))
}

function grantable({ id, permissions }: RoleEntry): boolean {
  return session().user?.admin === true || (id !== 'admin' && permissions.every(may))
}
