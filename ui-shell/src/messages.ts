import { addMessageSource, api, type Catalogue } from '@nusantara/sdk/ui'

const own = import.meta.glob<Catalogue>(['../locales/*.json', '!../locales/*.*.json'], { import: 'default' })

/** The shell's own texts come with it, so that the sign-in speaks even while the panel does not answer. */
addMessageSource(async locale => ({ shell: (await own[`../locales/${locale}.json`]?.()) ?? {} }))
/** The kernel's and the plugins' texts. */
addMessageSource(locale => api.get<Record<string, Catalogue>>(`/messages/${locale}`))
