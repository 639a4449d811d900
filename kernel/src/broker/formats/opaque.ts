import { unprintable } from './characters.js'
import { FormatError } from './format.js'

/**
 * Text for files that nothing privileged interprets. Line feeds and tabs may stand in it, other control characters not.
 *
 * @throws FormatError
 */
export function opaqueText(text: string): string {
  const reason = unprintable(text.replace(/[\n\t]/g, ' '))
  if (reason) throw new FormatError(reason)
  return text
}
