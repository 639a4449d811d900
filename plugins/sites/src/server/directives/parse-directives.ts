import type { Directive } from '@nusantara/sdk'
import { Refusal } from '../input/refusals.js'
import { type Allowed, locationDirectives, siteDirectives } from './allowlist.js'
import { lex, syntax, type Token, type Word } from './lexer.js'

/**
 * An administrator's own directives as a tree, each judged by the allowlist. The broker's grammar judges the same tree
 * again.
 *
 * @throws Refusal with the line, the cause and the remedy
 */
export function parseDirectives(text: string): readonly Directive[] {
  const tokens = [...lex(text)]
  const reader = new Reader(tokens)
  return reader.block(siteDirectives, false)
}

class Reader {
  #at = 0
  constructor(private readonly tokens: readonly Token[]) {}

  block(allowed: Readonly<Record<string, Allowed>>, nested: boolean): Directive[] {
    const tree: Directive[] = []
    const seen = new Set<string>()
    for (;;) {
      const words = this.#words()
      const end = this.tokens[this.#at++]
      const [name, ...args] = words
      if (!end || end.kind === '}') {
        if (name) throw syntax(name.line, 'unended', name.text)
        if (Boolean(end) !== nested) throw syntax(end?.line ?? this.#lastLine(), nested ? 'unclosed' : 'unopened')
        return tree
      }
      if (!name) throw syntax(end.line, 'misplaced', end.kind)
      tree.push(this.#directive(name, args, end.kind === '{', allowed, seen))
    }
  }

  #directive(
    name: Word,
    args: readonly Word[],
    opens: boolean,
    allowed: Readonly<Record<string, Allowed>>,
    seen: Set<string>,
  ): Directive {
    const rule = Object.hasOwn(allowed, name.text) ? allowed[name.text] : undefined
    if (!rule) {
      const params = { line: name.line, name: name.text.slice(0, 40), allowed: Object.keys(allowed).join(', ') }
      throw new Refusal('directives_unknown', params)
    }
    if (rule.once && seen.has(name.text)) throw syntax(name.line, 'repeated', name.text)
    seen.add(name.text)
    if (opens && !rule.block) throw syntax(name.line, 'blockless', name.text)
    if (!opens && rule.block) throw syntax(name.line, 'block_missing', name.text)
    const values = checkArguments(name, isExpression(args) ? [args[0], endAnchored(args[1])] : args, rule)
    return rule.block
      ? { name: name.text, args: values, block: this.block(locationDirectives, true) }
      : { name: name.text, args: values }
  }

  #words(): Word[] {
    const words: Word[] = []
    for (;;) {
      const token = this.tokens[this.#at]
      if (token?.kind !== 'word') return words
      words.push(token)
      this.#at++
    }
  }

  #lastLine(): number {
    return this.tokens.at(-1)?.line ?? 1
  }
}

function checkArguments(name: Word, args: readonly Word[], rule: Allowed): string[] {
  const least = rule.args.length - (rule.optional ?? 0)
  if (args.length < least || (!rule.rest && args.length > rule.args.length)) {
    const expected = rule.rest ? 'least' : rule.optional ? 'either' : 'exactly'
    const params = { line: name.line, name: name.text, count: args.length }
    throw new Refusal('directives_count', { ...params, expected, least, most: rule.args.length })
  }
  return args.map((arg, index) => {
    const kind = (index === args.length - 1 && rule.last) || (rule.args[index] ?? rule.rest)
    if (kind?.matches.test(arg.text)) return arg.text
    const params = {
      line: arg.line,
      name: name.text,
      value: arg.text.slice(0, 60),
      expected: kind?.expected ?? 'nothing',
      variables: kind?.variables ?? '',
    }
    throw new Refusal('directives_argument', params)
  })
}

function isExpression(args: readonly Word[]): args is readonly [Word, Word] {
  return args.length === 2 && (args[0]?.text === '~' || args[0]?.text === '~*')
}

/** A final `$` of an expression as `\z`: the same place, and no sign that could begin a variable. */
function endAnchored(word: Word): Word {
  return /(?<!\\)(?:\\\\)*\$$/.test(word.text) ? { ...word, text: `${word.text.slice(0, -1)}\\z` } : word
}
