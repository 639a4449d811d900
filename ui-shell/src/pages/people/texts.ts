import { hasMessage, say, shellInfo, translator } from '@nusantara/sdk/ui'
import type { RoleEntry } from './entries.js'

/** Of the catalogue `ui-shell/locales/people.<language>.json`, as `page-messages.ts` calls it. Imported, it would make one file more of the first load. */
export const t = translator('shell.people')

/** The built-in roles have names in every language. */
export function roleName({ id, name }: Pick<RoleEntry, 'id' | 'name'>): string {
  return id === 'admin' || id === 'user' ? t(`role.${id}`) : name
}

/** What a permission allows, in words; its name where nobody worded it. */
export function permissionText(name: string): string {
  const key = `permission.${name}`
  const plugin = name.split(':')[0] ?? ''
  return hasMessage(key, plugin) ? translator(plugin)(key) : name
}

/** Whose permissions these are: the panel's own, or a plugin's, by the name that it has in the navigation. */
export function ownerName(plugin: string): string {
  if (plugin === 'kernel') return t('permissions.panel')
  const page = shellInfo().pages.find(({ plugin: of, nav }) => of === plugin && nav)
  return say(page?.nav?.title, plugin) || plugin
}
