const redacted = '[redacted]'
const secretKey =
  /pass(?:word|phrase|wd)|^pass$|[a-z]Pass$|_pass$|^pwd$|secret|^token$|^ticket$|(?:api|access|refresh|setup|csrf|bearer)[-_]?token|(?:private|api|secret|encryption)[-_]?key|credential|authorization|cookie|pepper|recovery[-_]?codes?|otp/i
/** Secrets that are recognised by their form, wherever they stand. */
const secretForms: readonly RegExp[] = [
  /nusa_[A-Za-z0-9_-]{16,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
]
const oneTimeCode = /^[\d\s-]{6,}$|^(?:[a-z2-9]{4}[\s-]?){4}$/i
const longestText = 1024
const mostMembers = 100
const deepest = 8

/**
 * A copy of `value` fit for the log: values of keys that name secrets, sealed results and texts of a secret's form are
 * replaced, long texts and lists cut, what JSON cannot hold is left out.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return undefined
  if (depth >= deepest) return '[…]'
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  if (value instanceof Set) return redact([...value], depth)
  if (Array.isArray(value)) return value.slice(0, mostMembers).map(item => redact(item, depth + 1) ?? null)
  if ('$reveal' in value) return redacted
  const members = Object.entries(value).slice(0, mostMembers)
  return Object.fromEntries(members.map(([key, member]) => [key, redactMember(key, member, depth)]))
}

function redactMember(key: string, member: unknown, depth: number): unknown {
  if (member === null || member === undefined || typeof member === 'boolean') return member
  if (secretKey.test(key)) return redacted
  if (key === 'code' && typeof member === 'string' && oneTimeCode.test(member)) return redacted
  return redact(member, depth + 1)
}

function redactText(text: string): string {
  let clean = text
  for (const form of secretForms) clean = clean.replace(form, redacted)
  return clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean
}
