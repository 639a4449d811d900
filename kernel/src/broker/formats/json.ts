import type { Directive } from '@nusantara/sdk'
import { printable } from './characters.js'
import { type Format, FormatError, fill, type Rendered, type RenderedArgument } from './format.js'

type Value = string | number | readonly Value[] | { readonly [key: string]: Value }

function scalar(argument: RenderedArgument): string | number {
  return argument.number ? Number(argument.text) : printable(argument.text)
}

function value(directive: Rendered, revision: string): Value {
  const args = fill(directive.args, revision)
  if (directive.block) {
    if (args.length) throw new FormatError(`'${directive.name}' has both values and a block; JSON holds one of them`)
    return object(directive.block, revision)
  }
  const [first, ...rest] = args
  if (!first) throw new FormatError(`'${directive.name}' has no value; give one, several for a list, or a block`)
  return rest.length ? args.map(scalar) : scalar(first)
}

function object(tree: readonly Rendered[], revision: string): Value {
  const entries = new Map<string, Value>()
  for (const directive of tree) {
    const name = printable(directive.name)
    if (name === '__proto__') throw new FormatError("'__proto__' is not a key that readers of JSON agree on; rename it")
    if (entries.has(name)) throw new FormatError(`'${name}' stands twice; a JSON key stands once`)
    entries.set(name, value(directive, revision))
  }
  return Object.fromEntries(entries)
}

function directive(name: string, content: unknown): Directive {
  if (Array.isArray(content)) return { name, args: content.map(item => atom(name, item)) }
  if (content !== null && typeof content === 'object') return { name, args: [], block: directives(content) }
  return { name, args: [atom(name, content)] }
}

function atom(name: string, content: unknown): string | number {
  if (typeof content === 'string' || typeof content === 'number') return content
  throw new FormatError(`'${name}' is neither a text nor a number`)
}

function directives(content: object): Directive[] {
  return Object.entries(content).map(([name, inner]) => directive(name, inner))
}

/** JSON objects: a directive is a key; one argument a value, several a list, a block an object. */
export const json: Format = {
  serialize: (tree, revision) => `${JSON.stringify(object(tree, revision), null, 2)}\n`,
  parse(text) {
    let content: unknown
    try {
      content = JSON.parse(text)
    } catch (error) {
      throw new FormatError(`is not JSON: ${(error as Error).message}`)
    }
    if (content === null || typeof content !== 'object' || Array.isArray(content))
      throw new FormatError('is not a JSON object')
    return directives(content)
  },
}
