const secretName = /pass(?:word|phrase|wd)?$|secret|token|credential|private|^input$|api_?key/i

/**
 * A copy that may be kept for ever: values whose names say that they are secret, and standard input, become their
 * length; text of uninterpreted files too, since nobody knows what it holds.
 */
export function redact(value: unknown, name = ''): unknown {
  if (value === null || value === undefined) return value
  if (typeof value === 'string') return secretName.test(name) || name === 'opaque' ? { redacted: value.length } : value
  if (Array.isArray(value))
    return secretName.test(name) ? { redacted: value.length } : value.map(entry => redact(entry, name))
  if (typeof value === 'object') {
    const copy: Record<string, unknown> = {}
    for (const [key, entry] of Object.entries(value)) copy[key] = redact(entry, key)
    return copy
  }
  return secretName.test(name) ? { redacted: 1 } : value
}
