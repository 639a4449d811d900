import { hasMessage, say, shellInfo, translator } from '@nusantara/sdk/ui'

/** Of the catalogue `ui-shell/locales/settings.<language>.json`. */
export const t = translator('shell.settings')

/** What a setting is called, and what it does: of the catalogue of its plugin, or of the kernel. */
export function settingWords(plugin: string, key: string): { readonly label: string; readonly hint: string } {
  const words = translator(plugin)
  const name = `setting.${plugin}.${key}`
  return {
    label: hasMessage(name, plugin) ? words(name) : key,
    hint: hasMessage(`${name}.hint`, plugin) ? words(`${name}.hint`) : '',
  }
}

/** Whose settings these are: the panel's own, or a plugin's, by the name that it has in the navigation. */
export function ownerName(plugin: string): string {
  if (plugin === 'kernel') return t('panel')
  const page = shellInfo().pages.find(({ plugin: of, nav }) => of === plugin && nav)
  return say(page?.nav?.title, plugin) || plugin
}
