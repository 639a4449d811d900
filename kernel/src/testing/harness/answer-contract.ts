import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonSchema } from './samples.js'

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema & { readonly $ref?: string } }>>
}

interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, Described>>
}

/** What an OpenAPI document says that is needed to check answers. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** One answer as it went over the wire. */
export interface WireAnswer {
  readonly operation: string
  readonly status: number
  /** The Content-Type header, empty when there is none. */
  readonly type: string
  readonly text: string
}

const formats = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  base64: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/i,
}

/** Compares answers with what the API's own description promises: status, type and every field, none besides. */
export class AnswerContract {
  readonly #operations: ReadonlyMap<string, Operation>
  readonly #compiled = new Map<string, ValidateFunction>()
  readonly #ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats })

  constructor(private readonly document: ApiDocument) {
    const operations = Object.values(document.paths).flatMap(methods => Object.values(methods))
    this.#operations = new Map(operations.map(operation => [operation.operationId, operation]))
  }

  /** Every success that is promised: `sites.list 200`. */
  get promised(): string[] {
    return [...this.#operations.values()].flatMap(({ operationId, responses }) =>
      Object.keys(responses).flatMap(status => (status === 'default' ? [] : [`${operationId} ${status}`])),
    )
  }

  /** What is not as described; undefined when nothing is. */
  fault({ operation, status, type, text }: WireAnswer): string | undefined {
    const { responses = {} } = this.#operations.get(operation) ?? {}
    const described = responses[status] ?? (status >= 400 ? responses.default : undefined)
    if (!described) return `${status} is not described`
    const [media] = type.split(';', 1)
    if (!described.content) return text === '' ? undefined : `${status} has a body, none is described`
    const schema = described.content[media ?? '']?.schema
    if (!schema) return `${status} comes as '${type}', described is ${Object.keys(described.content)}`
    const value: unknown = /[/+]json$/.test(media ?? '') ? JSON.parse(text) : text
    const check = this.#check(schema)
    if (check(value)) return undefined
    const [error] = check.errors ?? []
    return `${status} ${error?.instancePath || 'as a whole'} ${error?.message} ${JSON.stringify(error?.params)}`
  }

  #check(schema: JsonSchema & { readonly $ref?: string }): ValidateFunction {
    const whole = schema.$ref ? this.document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] : schema
    if (!whole) throw new Error(`${schema.$ref} leads nowhere`)
    const key = JSON.stringify(whole)
    const compiled = this.#compiled.get(key) ?? this.#ajv.compile(whole)
    this.#compiled.set(key, compiled)
    return compiled
  }
}
