import type { IntlMessageFormat } from 'intl-messageformat'
import type { CliContext } from './context.js'

type Sentence = (message: { readonly code: string; readonly params?: Readonly<Record<string, unknown>> }) => string

/** Texts of kernel and plugins in the caller's language, from the running panel. */
export async function sentences(context: CliContext): Promise<Sentence> {
  const { IntlMessageFormat: Format } = (await import('intl-messageformat')) as {
    IntlMessageFormat: typeof IntlMessageFormat
  }
  const owners = (await context.connection.call('GET', `/api/v1/messages/${context.locale}`)).body as Record<
    string,
    Record<string, string>
  >
  const texts: Record<string, string> = Object.assign({}, ...Object.values(owners))
  return ({ code, params }) => {
    const text = texts[code]
    if (text === undefined) return code
    try {
      const format = new Format(text, context.locale, undefined, { ignoreTag: true })
      return String(format.format({ ...params } as Record<string, string>))
    } catch {
      // A text that lacks an argument is shown as it is written.
      return text
    }
  }
}
