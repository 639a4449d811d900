export type SyntaxKind = 'plain' | 'name' | 'string' | 'comment'

export interface SyntaxPart {
  readonly kind: SyntaxKind
  readonly text: string
}

const name = /[A-Za-z_][\w.-]*/y
const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y

/**
 * The parts of one line of configuration, as far as its many formats have them in common: a directive, key or section begins
 * the line, quotes hold strings, and a line that begins with `#` or `;` is a comment. All parts together are the line.
 */
export function syntaxParts(line: string): readonly SyntaxPart[] {
  const indent = line.length - line.trimStart().length
  if (line[indent] === '#' || line[indent] === ';') return [{ kind: 'comment', text: line }]
  const first = found(name, line, indent)
  const parts: SyntaxPart[] = []
  const add = (kind: SyntaxKind, text: string) => {
    if (text) parts.push({ kind, text })
  }
  add('plain', line.slice(0, indent))
  add('name', first)
  let from = indent + first.length
  for (let at = from; at < line.length; ) {
    const text = line[at] === '"' || line[at] === "'" ? found(quoted, line, at) : ''
    if (text) {
      add('plain', line.slice(from, at))
      add('string', text)
      from = at + text.length
    }
    at += text.length || 1
    // A quote that nothing ends begins no string, and none after it.
    if (!text && (line[at - 1] === '"' || line[at - 1] === "'")) break
  }
  add('plain', line.slice(from))
  return parts
}

function found(pattern: RegExp, line: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0] ?? ''
}
