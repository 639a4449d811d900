import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { IntlMessageFormat } from 'intl-messageformat'
import { localesDirectory } from '../host/places.js'
import type { CliError } from './exit-codes.js'

/** A text of the command line: `cli.<code>` of the catalogue in the caller's language. */
export type Text = (code: string, params?: Readonly<Record<string, unknown>>) => string

const hasSyntax = /[{}'#]/

/** The command line's own texts, which need no running panel. */
export function cliTexts(locale: string): Text {
  const file = join(localesDirectory, `cli.${locale}.json`)
  const messages = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>
  const require = createRequire(import.meta.url)
  return (code, params = {}) => {
    const text = messages[`cli.${code}`]
    if (text === undefined) return code
    if (!hasSyntax.test(text)) return text
    const { IntlMessageFormat: Format } = require('intl-messageformat') as {
      IntlMessageFormat: typeof IntlMessageFormat
    }
    return String(
      new Format(text, locale, undefined, { ignoreTag: true }).format({ ...params } as Record<string, string>),
    )
  }
}

export function explainIn(text: Text, { code, params }: CliError): string {
  return text(code, params)
}
