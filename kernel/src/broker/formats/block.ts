import type { Directive } from '@nusantara/sdk'
import { printable, withVariables } from './characters.js'
import { type Format, FormatError, fill, notice, type Rendered, type RenderedArgument } from './format.js'

/** Words that no lexer of this family treats specially, wherever they stand. Everything else is quoted. */
const bare = /^[A-Za-z0-9_./:=*+,@~^!?%&()|[\]<>-](?:[A-Za-z0-9_./:=*+,@~^!?%&()|[\]<>$-])*$|^\$[A-Za-z0-9_]+$/

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

function word(arg: RenderedArgument): string {
  if (arg.lines) return quote(arg.text).replaceAll('\n', '\\n')
  const text = withVariables(printable(arg.text), arg.variables)
  return arg.quote || !bare.test(text) ? quote(text) : text
}

function write(tree: readonly Rendered[], revision: string, indent: string, lines: string[]): void {
  for (const { name, args, block } of tree) {
    const words = [word({ text: name }), ...fill(args, revision).map(word)].join(' ')
    if (!block) lines.push(`${indent}${words};`)
    else {
      lines.push(`${indent}${words} {`)
      write(block, revision, `${indent}    `, lines)
      lines.push(`${indent}}`)
    }
  }
}

/** What follows a backslash, and what both together mean; before anything else a backslash is itself. */
const escapes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', n: '\n', r: '\r', t: '\t' }

type Token = { readonly kind: 'word'; readonly text: string } | { readonly kind: ';' | '{' | '}' }

/** Reads as the daemons do: quotes only at the start of a word, `#` only where a word could start. */
class Lexer {
  #at = 0
  line = 1
  constructor(readonly text: string) {}

  fail(reason: string): never {
    throw new FormatError(`line ${this.line}: ${reason}`)
  }

  next(): Token | null {
    this.#blank()
    const first = this.text[this.#at]
    if (first === undefined) return null
    if (first === ';' || first === '{' || first === '}') {
      this.#at++
      return { kind: first }
    }
    return { kind: 'word', text: first === '"' || first === "'" ? this.#quoted(first) : this.#bare() }
  }

  #blank(): void {
    for (; this.#at < this.text.length; this.#at++) {
      const character = this.text[this.#at]
      if (character === '\n') this.line++
      else if (character === '#') {
        while (this.#at + 1 < this.text.length && this.text[this.#at + 1] !== '\n') this.#at++
      } else if (character !== ' ' && character !== '\t' && character !== '\r') return
    }
  }

  #quoted(mark: string): string {
    let out = ''
    for (this.#at++; this.text[this.#at] !== mark; this.#at++) {
      if (this.#at >= this.text.length) this.fail(`a quote is never closed; add the missing ${mark}`)
      out += this.#character()
    }
    const after = this.text[++this.#at]
    if (after !== undefined && !/[ \t\r\n;{)]/.test(after))
      this.fail(`'${after}' follows a closing quote; put a space between`)
    return out
  }

  #bare(): string {
    let out = ''
    for (; this.#at < this.text.length; this.#at++) {
      const character = this.text[this.#at] ?? ''
      if (character === '$' && this.text[this.#at + 1] === '{') {
        out += '${'
        this.#at++
        continue
      }
      if (/[ \t\r\n;{]/.test(character)) break
      out += this.#character()
    }
    return out
  }

  #character(): string {
    const character = this.text[this.#at] ?? ''
    if (character === '\n') this.line++
    if (character !== '\\') return character
    const escaped = this.text[this.#at + 1]
    const meant = escaped === undefined ? undefined : escapes[escaped]
    if (meant === undefined) return character
    this.#at++
    return meant
  }
}

function read(lexer: Lexer, nested: boolean): Directive[] {
  const tree: Directive[] = []
  let words: string[] = []
  for (let token = lexer.next(); ; token = lexer.next()) {
    if (token?.kind === 'word') {
      words.push(token.text)
      continue
    }
    const [name, ...args] = words
    words = []
    if (token === null || token.kind === '}') {
      if (name !== undefined) lexer.fail(`'${name}' is not ended; add a ';'`)
      if ((token === null) === nested)
        lexer.fail(nested ? "a block is never closed; add a '}'" : "a '}' closes nothing")
      return tree
    }
    if (name === undefined) lexer.fail(`'${token.kind}' stands where a directive should`)
    tree.push(token.kind === ';' ? { name, args } : { name, args, block: read(lexer, true) })
  }
}

/** Directive trees of web servers: `name args;` and `name args { … }`. */
export const block: Format = {
  serialize(tree, revision) {
    const lines = [`# ${notice}`]
    write(tree, revision, '', lines)
    return `${lines.join('\n')}\n`
  },
  parse: text => read(new Lexer(text), false),
}
