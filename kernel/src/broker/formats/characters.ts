import { FormatError } from './format.js'

/** C0, DEL, C1 and the line and paragraph separators: never legitimate in a configuration value, and line or terminal syntax to whoever reads it. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u

/** How a character is named to a person: `U+000A`. */
function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** Why a value cannot stand in any configuration file, or null. */
export function unprintable(value: string): string | null {
  const found = control.exec(value)
  if (found) return `contains the control character ${codePoint(found[0])}; remove it`
  if (!value.isWellFormed()) return 'contains half of a surrogate pair; send well-formed Unicode text'
  return null
}

/** @throws FormatError for control characters and ill-formed text */
export function printable(value: string): string {
  const reason = unprintable(value)
  if (reason) throw new FormatError(reason)
  return value
}

/**
 * Why the `$` signs of a value are not all listed variables, or null. A name runs as far as letters, digits and
 * underscores do, so `$urix` never passes as `$uri` and an x.
 */
export function foreignVariable(value: string, variables: readonly string[] | 'any'): string | null {
  for (const match of value.matchAll(/\$(?:\{([A-Za-z0-9_]*)\}|([A-Za-z0-9_]*))/g)) {
    const name = match[1] ?? match[2] ?? ''
    if (name !== '' && (variables === 'any' || variables.includes(name))) continue
    const allowed = variables !== 'any' && variables.length ? `; only $${variables.join(', $')} may stand here` : ''
    return `contains '${match[0]}', which the service would replace by a variable${allowed}; remove the '$'`
  }
  return null
}

/** @throws FormatError for a `$` that is not a listed variable */
export function withVariables(value: string, variables: readonly string[] | 'any' = []): string {
  const reason = foreignVariable(value, variables)
  if (reason) throw new FormatError(reason)
  return value
}
