// Runs while the page is parsed, before anything is painted: else a chosen theme would come after a flash of the other one.
import { sendAhead } from '../../sdk/src/ui/core/ahead.js'
import { firstLocale } from '../../sdk/src/ui/core/first-locale.js'
import { showTheme } from '../../sdk/src/ui/core/theme.js'

showTheme()
// What the shell asks for first, whoever is there; its own code is still on its way.
const language = firstLocale()
for (const path of ['/auth/session', '/shell', `/messages/${language}`]) sendAhead(path, language)
