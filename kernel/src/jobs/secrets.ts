/** Seals for one purpose, so that a value moved to another row does not open. */
export interface Seal {
  seal(value: string): string
  open(sealed: string): string
}

/** A sealed value inside a stored result; null once it was read or has expired. */
interface Sealed {
  readonly $sealed: string | null
}

function isReveal(value: unknown): value is { $reveal: string } {
  return typeof value === 'object' && value !== null && typeof (value as { $reveal?: unknown }).$reveal === 'string'
}

function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && '$sealed' in value
}

function map(value: unknown, replace: (value: unknown) => unknown): unknown {
  const replaced = replace(value)
  if (replaced !== value) return replaced
  if (Array.isArray(value)) return value.map(item => map(item, replace))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, map(member, replace)]))
}

/** A step's result as it is stored: JSON, with what `reveal` marked sealed. */
export function sealResult(seal: Seal, result: unknown): { readonly json: string; readonly secrets: string[] } {
  const secrets: string[] = []
  const plain: unknown = JSON.parse(JSON.stringify(result ?? null))
  const sealed = map(plain, value => {
    if (!isReveal(value)) return value
    secrets.push(value.$reveal)
    return { $sealed: seal.seal(value.$reveal) }
  })
  return { json: JSON.stringify(sealed), secrets }
}

/** A stored result as later steps see it. What was erased reads as an empty text. */
export function openResult(seal: Seal, json: string): unknown {
  return map(JSON.parse(json), value =>
    isSealed(value) ? { $reveal: value.$sealed === null ? '' : seal.open(value.$sealed) } : value,
  )
}

/** The sealed values of a stored result, by their dotted path. */
export function revealedValues(seal: Seal, json: string): Map<string, string> {
  const values = new Map<string, string>()
  const walk = (value: unknown, path: string): void => {
    if (value === null || typeof value !== 'object') return
    if (isSealed(value)) {
      if (value.$sealed !== null) values.set(path, seal.open(value.$sealed))
      return
    }
    for (const [key, member] of Object.entries(value)) walk(member, path ? `${path}.${key}` : key)
  }
  walk(JSON.parse(json), '')
  return values
}

/** The stored result without its sealed values. */
export function eraseSealed(json: string): string {
  return JSON.stringify(map(JSON.parse(json), value => (isSealed(value) ? { $sealed: null } : value)))
}

/** An input in its two parts: what may be stored, shown and hashed, and what is sealed. */
export function splitInput(
  input: unknown,
  secretFields: readonly string[] = [],
): { readonly open: unknown; readonly secret: Readonly<Record<string, unknown>> } {
  if (!secretFields.length || input === null || typeof input !== 'object') return { open: input, secret: {} }
  const open: Record<string, unknown> = {}
  const secret: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(input)) (secretFields.includes(key) ? secret : open)[key] = value
  return { open, secret }
}

/** Every text in a value: what must not appear in a log. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(textsOf)
}
