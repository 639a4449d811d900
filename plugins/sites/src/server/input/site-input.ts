import { Joi, object, type Schema } from '@nusantara/sdk'

/** What a person may send about a site, before it is parsed. Everything that is absent keeps its value or default. */
export interface SiteFields {
  readonly aliases?: readonly string[]
  readonly runtime?: RuntimeInput
  readonly documentRoot?: string
  readonly index?: readonly string[]
  readonly errorPages?: Readonly<Record<string, string>>
  readonly uploadLimit?: string
}

/** A word is short for the runtime with its defaults. */
export type RuntimeInput =
  | 'static'
  | 'php'
  | 'panel'
  | { readonly type: 'static' | 'panel' }
  | {
      readonly type: 'php'
      readonly version?: string
      readonly settings?: Readonly<Record<string, string | number | boolean>>
      readonly processes?: number
    }
  | { readonly type: 'proxy'; readonly target: string; readonly timeout?: number }
  | { readonly type: 'redirect'; readonly target: string; readonly status?: number; readonly keepPath?: boolean }

export interface CreateBody extends SiteFields {
  readonly domain: string
  readonly runtime: RuntimeInput
  readonly accountId?: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

export interface UpdateBody extends SiteFields {
  readonly domain?: string
}

/** An administrator's own directives. A route of their own, because theirs is a permission of high risk. */
export interface DirectivesBody {
  readonly directives: string
}

const name = Joi.string().max(1000)

const runtime = Joi.alternatives().conditional(Joi.string(), {
  // biome-ignore lint/suspicious/noThenProperty: a key of Joi's own conditions
  then: Joi.string().valid('static', 'php', 'panel'),
  otherwise: Joi.object({
    type: Joi.string().valid('static', 'php', 'proxy', 'redirect', 'panel').required(),
    version: only('php', Joi.string().max(10)),
    settings: only(
      'php',
      Joi.object()
        .pattern(Joi.string().max(60), [Joi.string().max(100), Joi.number(), Joi.boolean()])
        .max(40),
    ),
    processes: only('php', Joi.number().integer().min(1).max(100)),
    target: Joi.string()
      .max(2000)
      .when('type', { is: Joi.valid('proxy', 'redirect'), ...then(Joi.required(), Joi.forbidden()) }),
    timeout: only('proxy', Joi.number().integer().min(1).max(86_400)),
    status: only('redirect', Joi.number().valid(301, 302, 307, 308)),
    keepPath: only('redirect', Joi.boolean()),
  }),
})

const fields = {
  aliases: Joi.array().items(name).max(100),
  documentRoot: Joi.string().max(200),
  index: Joi.array().items(Joi.string().max(100)).min(1).max(10),
  errorPages: Joi.object().pattern(Joi.string().max(10), Joi.string().max(255)).max(50),
  uploadLimit: Joi.string().max(20),
}

export function createSchema(extensions: Schema<Readonly<Record<string, unknown>> | undefined>): Schema<CreateBody> {
  return object<CreateBody>({
    domain: name.required(),
    runtime: runtime.required(),
    accountId: Joi.string().max(64),
    extensions,
    ...fields,
  })
}

export const directivesSchema: Schema<DirectivesBody> = object<DirectivesBody>({
  directives: Joi.string().max(20_000).allow('').required().meta({ multiline: true }),
})

export interface SuspendBody {
  /** For whoever looks at the site in the panel; visitors do not see it. */
  readonly reason?: string
}

export const suspendSchema: Schema<SuspendBody> = object<SuspendBody>({ reason: Joi.string().trim().max(300) })

export interface ApplyBody {
  readonly discardEdits?: boolean
}

export const applySchema: Schema<ApplyBody> = object<ApplyBody>({ discardEdits: Joi.boolean() })

export const updateSchema: Schema<UpdateBody> = object<UpdateBody>({ domain: name, runtime, ...fields })

function then(yes: Joi.Schema, no: Joi.Schema): { then: Joi.Schema; otherwise: Joi.Schema } {
  // biome-ignore lint/suspicious/noThenProperty: a key of Joi's own conditions
  return { then: yes, otherwise: no }
}

/** A key that belongs to one runtime alone. */
function only(type: string, schema: Joi.Schema): Joi.Schema {
  return schema.when('type', { is: type, otherwise: Joi.forbidden() })
}
