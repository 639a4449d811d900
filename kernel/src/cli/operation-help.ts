import { alternatives, usageOf } from './input.js'
import { type JsonSchema, kebab, type Operation } from './operations.js'
import type { Text } from './texts.js'
import { padEnd } from './width.js'

/** Usage, arguments and flags of one command, from its schemas. */
export function operationHelp(operation: Operation, text: Text): string {
  const fields = Object.entries({ ...operation.query, ...operation.body?.properties }).map(([name, schema]) => {
    const required = operation.body?.required?.includes(name) ? ` (${text('help.required')})` : ''
    return [`--${kebab(name)}`, `${values(schema)}${required}`] as const
  })
  const change = ['dry-run', 'no-wait'].map(flag => [`--${flag}`, text(`help.${flag}`)] as const)
  const list = [
    ['--columns', text('help.columns')],
    ['--wide', text('help.wide')],
  ] as const
  const flags = [
    ...fields,
    ...(operation.change ? change : []),
    ...(isList(operation) ? list : []),
    ['--json', text('help.json')] as const,
  ]
  const lines = flags.map(([flag, about]) => `  ${padEnd(flag, 24)} ${about}`)
  return [usageOf(operation), '', operation.summary, '', ...lines].join('\n')
}

function isList({ method, words }: Operation): boolean {
  return method === 'GET' && words.at(-1) === 'list'
}

/** The values that a flag takes, or their type. */
function values(schema: JsonSchema): string {
  const kinds = alternatives(schema)
  const known = kinds.flatMap(kind => kind.enum ?? constants(kind.properties?.type))
  return known.length > 0 ? [...new Set(known)].join(' | ') : kinds.map(kind => kind.type ?? 'value').join(' | ')
}

function constants(kind: JsonSchema | undefined): readonly unknown[] {
  return kind?.const !== undefined ? [kind.const] : (kind?.enum ?? [])
}
