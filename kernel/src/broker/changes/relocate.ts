/**
 * Replaces a directory by another in text that names files: only where the name of the directory ends, so that
 * `/etc/web` is not found in `/etc/website`.
 */
export function relocate(text: string, from: string, to: string): string {
  let out = ''
  let at = 0
  for (let found = text.indexOf(from); found >= 0; found = text.indexOf(from, found + from.length)) {
    const next = text[found + from.length]
    const before = text[found - 1]
    if ((next !== undefined && /[A-Za-z0-9_.-]/.test(next)) || (before !== undefined && /[A-Za-z0-9_.-]/.test(before)))
      continue
    out += text.slice(at, found) + to
    at = found + from.length
  }
  return out + text.slice(at)
}
