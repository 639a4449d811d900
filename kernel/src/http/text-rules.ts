import type { FieldProblem } from '@nusantara/sdk'

const unprintable = /[\p{Cc}\p{Cs}]/u
const unprintableInText = /[^\P{Cc}\n\r\t]|\p{Cs}/u

/**
 * Finds every string, keys included, that holds a C0, C1 or DEL control character or a lone surrogate.
 *
 * @param prefix path of the value itself, empty for a body
 * @param multiline paths whose text may hold line breaks and tabs, `files.*.content`
 */
export function findUnprintable(value: unknown, prefix = '', multiline?: ReadonlySet<string>): FieldProblem[] {
  const found: FieldProblem[] = []
  visit(value, prefix, multiline, found)
  return found
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
      const path = at ? `${at}.${JSON.stringify(key).slice(1, -1)}` : JSON.stringify(key).slice(1, -1)
      if (character !== undefined) found.push(problem(path, character))
      else visit(item, path, multiline, found)
    }
  }
}

function problem(path: string, character: string): FieldProblem {
  const point = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  const message = `${path || 'the value'} holds the control character ${point}; remove it`
  return { path, code: 'text.control', message, params: { character: point } }
}

function isMultiline(at: string, multiline: ReadonlySet<string> | undefined): boolean {
  if (!multiline || multiline.size === 0) return false
  const parts = at.split('.')
  return [...multiline].some(pattern => {
    const expected = pattern.split('.')
    return expected.length === parts.length && expected.every((part, index) => part === '*' || part === parts[index])
  })
}
