import { type Catalogue, joinMessages } from '@nusantara/sdk/ui'
import { owner } from './texts.js'

const own = import.meta.glob<Catalogue>('../../../locales/people.*.json', { import: 'default' })

// The texts of these pages come with them, so that they cost nobody's first load anything.
await joinMessages(async locale => ({ [owner]: (await own[`../../../locales/people.${locale}.json`]?.()) ?? {} }))
