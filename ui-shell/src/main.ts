import './main.css'
import { addMessageSource, api, type Catalogue, showTheme } from '@nusantara/sdk/ui'
import './shell.js'

const own = import.meta.glob<Catalogue>('../locales/*.json', { import: 'default' })

showTheme()
addMessageSource(async locale => ({ shell: (await own[`../locales/${locale}.json`]?.()) ?? {} }))
addMessageSource(locale => api.get<Record<string, Catalogue>>(`/messages/${locale}`))
