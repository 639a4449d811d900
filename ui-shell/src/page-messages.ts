import { type Catalogue, joinMessages } from '@nusantara/sdk/ui'

/** Groups of pages whose texts come with the first of them, so that they cost nobody's first load anything: `locales/<part>.<language>.json`. */
export type MessagePart = 'people' | 'settings' | 'welcome'

const own = import.meta.glob<Catalogue>('../locales/*.*.json', { import: 'default' })
const joined = new Map<MessagePart, Promise<void>>()

/** They are asked for as the texts of `shell.<part>`. */
export function pageMessages(part: MessagePart): Promise<void> {
  const known = joined.get(part)
  if (known) return known
  const joining = joinMessages(async locale => ({
    [`shell.${part}`]: (await own[`../locales/${part}.${locale}.json`]?.()) ?? {},
  })).catch(error => {
    joined.delete(part)
    throw error
  })
  joined.set(part, joining)
  return joining
}
