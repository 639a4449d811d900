import { printable, withVariables } from './characters.js'
import { FormatError, type Rendered, type RenderedArgument } from './format.js'

/** What the line-based formats share. */

/** A name that the syntax can hold bare. */
export function plainName(name: string, allowed: RegExp, what: string): string {
  if (!allowed.test(printable(name))) throw new FormatError(`'${name}' is not a ${what} of this format`)
  return name
}

/** The single argument of a `name = value` line. */
export function onlyArgument(directive: Rendered): RenderedArgument {
  const [argument, ...more] = directive.args
  if (!argument || more.length || directive.block)
    throw new FormatError(`'${directive.name}' must have exactly one value and no block`)
  return argument
}

/**
 * A value as it stands after `=`: bare when nothing in it can mean anything, else in double quotes, for which these
 * formats know no common escape: a value that holds one or a backslash is refused.
 */
export function lineValue(argument: RenderedArgument, bare: RegExp): string {
  const text = withVariables(printable(argument.text), argument.variables)
  if (/["\\`]/.test(text))
    throw new FormatError('contains a double quote, a backtick or a backslash; this format cannot hold them')
  return !argument.quote && bare.test(text) ? text : `"${text}"`
}

/** Takes the quotes off again. */
export function unquoted(value: string, line: number): string {
  if (!value.startsWith('"')) return value
  if (value.length < 2 || !value.endsWith('"') || value.slice(1, -1).includes('"'))
    throw new FormatError(`line ${line}: a quote is not closed at the end of the value`)
  return value.slice(1, -1)
}

/** Lines that say something, with their numbers. */
export function* meaningful(text: string, comment: RegExp): Generator<{ line: string; number: number }> {
  let number = 0
  for (const raw of text.split('\n')) {
    number++
    const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
    if (line !== '' && !comment.test(line)) yield { line, number }
  }
}
