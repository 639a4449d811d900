import type { Description } from 'joi'

/**
 * Visits every value schema inside a description made by Joi, with its path: keys joined by dots, `*` for list items and
 * pattern keys, `files.*.content`. Alternatives and conditions are visited at the path of the value they describe.
 */
export function walkSchema(node: Description, visit: (node: Description, at: string) => void, at = ''): void {
  visit(node, at)
  const child = (next: unknown, path: string) => {
    if (isDescription(next)) walkSchema(next, visit, path)
  }
  const below = (key: string) => (at ? `${at}.${key}` : key)
  for (const [key, value] of Object.entries((node.keys ?? {}) as Record<string, unknown>)) child(value, below(key))
  for (const pattern of list(node.patterns)) child(pattern.rule, below('*'))
  for (const item of [...list(node.items), ...list(node.ordered)]) child(item, below('*'))
  for (const match of list(node.matches)) for (const value of Object.values(match)) child(value, at)
  for (const when of list(node.whens)) for (const branch of ['then', 'otherwise']) overlay(when[branch], child, at)
}

/** What a condition adds to a value: visited below, not at the value itself, whose own node says its type. */
function overlay(node: unknown, child: (node: unknown, at: string) => void, at: string): void {
  if (!isDescription(node)) return
  for (const [key, value] of Object.entries((node.keys ?? {}) as Record<string, unknown>))
    child(value, at ? `${at}.${key}` : key)
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : []
}

function isDescription(value: unknown): value is Description {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
