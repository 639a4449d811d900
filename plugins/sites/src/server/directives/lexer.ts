import { Refusal, type SyntaxFault } from '../input/refusals.js'
import { shown } from '../input/shown.js'

export interface Word {
  readonly text: string
  readonly line: number
}

export type Token = ({ readonly kind: 'word' } & Word) | { readonly kind: ';' | '{' | '}'; readonly line: number }

/**
 * Words of the web server's configuration language as it reads them itself: blanks separate, quotes only at the start
 * of a word, `#` begins a comment only where a word could begin. What it reads surprisingly is refused.
 *
 * @throws Refusal
 */
export function* lex(text: string): Generator<Token> {
  let line = 1
  let at = 0
  const fail: Fail = (reason, name) => syntax(line, reason, name)
  while (at < text.length) {
    const character = text[at] ?? ''
    if (character === '\n') line++
    if (/\s/.test(character)) at++
    else if (character === '#') at = endOfLine(text, at)
    else if (character === ';' || character === '{' || character === '}') {
      yield { kind: character, line }
      at++
    } else {
      const word = character === '"' || character === "'" ? quoted(text, at, fail) : bare(text, at, fail)
      yield { kind: 'word', text: word.text, line }
      at = word.end
    }
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

type Fail = (reason: SyntaxFault, name?: string) => Refusal

function quoted(text: string, start: number, fail: Fail): { text: string; end: number } {
  const mark = text[start]
  let out = ''
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\n') throw fail('quote_line', mark)
    if (character === mark) {
      const after = text[at + 1]
      if (after !== undefined && !/[\s;{]/.test(after)) throw fail('quote_joined', after)
      return { text: out, end: at + 1 }
    }
    if (character === '\\' && /["'\\]/.test(text[at + 1] ?? '')) out += text[++at]
    else out += character
  }
  throw fail('quote_open', mark)
}

function bare(text: string, start: number, fail: Fail): { text: string; end: number } {
  let out = ''
  let at = start
  for (; at < text.length; at++) {
    const character = text[at] ?? ''
    if (/[\s;{]/.test(character)) break
    if (character === '"' || character === "'") throw fail('quote_inside')
    if (character === '}') throw fail('brace_inside')
    if (character === '\\' && /["'\\]/.test(text[at + 1] ?? '')) out += text[++at]
    else out += character
  }
  return { text: out, end: at }
}

/** What is wrong with the text as such. @param name the word or sign that it is about */
export function syntax(line: number, reason: SyntaxFault, name = ''): Refusal {
  return new Refusal('directives_syntax', { line, reason, name: shown(name) })
}
