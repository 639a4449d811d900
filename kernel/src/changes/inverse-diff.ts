/** The unified diff that takes another one back: what was added is removed. A text that is none stays as it is. */
export function inverseDiff(diff: string): string {
  const lines = diff.split('\n')
  const first = lines.findIndex(line => line.startsWith('@@'))
  if (first < 0) return diff
  const [from, to] = [header(lines, '--- '), header(lines, '+++ ')]
  return [`--- ${side(to, 'a/')}`, `+++ ${side(from, 'b/')}`, ...hunks(lines.slice(first))].join('\n')
}

function header(lines: readonly string[], mark: string): string {
  return lines.find(line => line.startsWith(mark))?.slice(mark.length) ?? ''
}

/** `a/etc/x` as the other side of the diff names it. */
function side(name: string, prefix: string): string {
  return name.replace(/^[ab]\//, prefix)
}

/** In each block of changes, what is removed stands before what is added. */
function hunks(lines: readonly string[]): string[] {
  const turned: string[] = []
  let removed: string[] = []
  let added: string[] = []
  const flush = () => {
    turned.push(...removed, ...added)
    removed = []
    added = []
  }
  let last = removed
  for (const line of lines) {
    if (line.startsWith('+')) {
      last = removed
      removed.push(`-${line.slice(1)}`)
    } else if (line.startsWith('-')) {
      last = added
      added.push(`+${line.slice(1)}`)
    } else if (line.startsWith('\\') && (removed.length || added.length)) {
      // Says of the line before that it has no end.
      last.push(line)
    } else {
      flush()
      turned.push(line.replace(/^@@ -(\S+) \+(\S+) @@/, '@@ -$2 +$1 @@'))
    }
  }
  flush()
  return turned
}
