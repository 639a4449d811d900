/** The part of JSON Schema (2020-12) that Joi writes. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly minimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
}

interface Standard {
  readonly '~standard': {
    readonly jsonSchema: { input(options: { readonly target: string }): JsonSchema }
  }
}

/** What a Joi schema accepts, as JSON Schema; undefined when there is no schema. */
export function jsonSchemaOf(schema: unknown): JsonSchema | undefined {
  return (schema as Standard | undefined)?.['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
}

export const unknownId = '01900000-0000-7000-8000-000000000000'

/** Tried in turn where a pattern says what a text may be. */
const texts = [unknownId, 'sample', 'en', 'saaaaaaaaaa', '000000', '0'.repeat(64), 'U2FtcGxl']
const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00.000Z',
  uuid: unknownId,
  base64: 'U2FtcGxl',
  email: 'someone@example.test',
  uri: 'https://example.test/',
}

/** A value that the schema accepts, as far as a schema can say. Optional parts are left out. */
export function sampleOf(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return schema.default
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf?.[0]) return sampleOf(schema.anyOf[0])
  switch (typeof schema.type === 'string' ? schema.type : schema.type?.[0]) {
    case 'string':
      return textOf(schema)
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return false
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}))
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map(key => [key, sampleOf(schema.properties?.[key] ?? { type: 'string' })]),
      )
    default:
      return null
  }
}

function textOf({ format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema): string {
  if (format && formats[format]) return formats[format]
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && (!pattern || new RegExp(pattern, 'u').test(text))
  return [...texts.slice(1), unknownId].find(fits) ?? 'x'.repeat(Math.max(minLength, 1))
}
