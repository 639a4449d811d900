import { translator } from '@nusantara/sdk/ui'

/** Of the catalogue `ui-shell/locales/welcome.<language>.json`. */
export const t = translator('shell.welcome')
