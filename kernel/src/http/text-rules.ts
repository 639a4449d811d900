import type { FieldProblem } from '@nusantara/sdk'

/**
 * Control characters and lone surrogates; and characters that are not seen or change the order of what is read, with which
 * two texts look the same and differ.
 */
const unprintable = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]/u
/** In a text of several lines a document may need the invisible ones. */
const unprintableInText = /[^\P{Cc}\n\r\t]|\p{Cs}/u
const control = /[\p{Cc}\p{Cs}]/u

/**
 * Finds every string, keys included, that holds a control character (C0, C1, DEL), a lone surrogate, or an invisible character.
 *
 * @param prefix path of the value itself, empty for a body
 * @param multiline paths whose text may hold line breaks, tabs and invisible characters, `files.*.content`
 */
export function findUnprintable(value: unknown, prefix = '', multiline?: ReadonlySet<string>): FieldProblem[] {
  const found: FieldProblem[] = []
  visit(value, prefix, multiline, found)
  return found
}

/** A key as a path shows it: what cannot be seen is escaped. */
export function shownKey(key: string): string {
  return JSON.stringify(key)
    .slice(1, -1)
    .replaceAll(new RegExp(unprintable, 'gu'), character => `\\u${hex(character).toLowerCase()}`)
}

function visit(value: unknown, at: string, multiline: ReadonlySet<string> | undefined, found: FieldProblem[]): void {
  if (typeof value === 'string') {
    if (!unprintable.test(value)) return
    const rule = isMultiline(at, multiline) ? unprintableInText : unprintable
    const character = rule.exec(value)?.[0]
    if (character !== undefined) found.push(problem(at, character))
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, at ? `${at}.${index}` : String(index), multiline, found)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const character = unprintable.exec(key)?.[0]
      const path = at ? `${at}.${shownKey(key)}` : shownKey(key)
      if (character !== undefined) found.push(problem(path, character))
      else visit(item, path, multiline, found)
    }
  }
}

function problem(path: string, character: string): FieldProblem {
  const point = `U+${hex(character)}`
  const [code, kind] = control.test(character) ? ['text.control', 'control'] : ['text.invisible', 'invisible']
  const message = `${path || 'the value'} holds the ${kind} character ${point}; remove it`
  return { path, code, message, params: { character: point } }
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}

function isMultiline(at: string, multiline: ReadonlySet<string> | undefined): boolean {
  if (!multiline || multiline.size === 0) return false
  const parts = at.split('.')
  return [...multiline].some(pattern => {
    const expected = pattern.split('.')
    return expected.length === parts.length && expected.every((part, index) => part === '*' || part === parts[index])
  })
}
