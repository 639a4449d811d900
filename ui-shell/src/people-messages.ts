import { type Catalogue, joinMessages } from '@nusantara/sdk/ui'

const own = import.meta.glob<Catalogue>('../locales/people.*.json', { import: 'default' })
let joined: Promise<void> | undefined

/** The texts of the pages about people come with the first of those pages, so that they cost nobody's first load anything. */
export function peopleMessages(): Promise<void> {
  joined ??= joinMessages(async locale => ({
    'shell.people': (await own[`../locales/people.${locale}.json`]?.()) ?? {},
  })).catch(error => {
    joined = undefined
    throw error
  })
  return joined
}
