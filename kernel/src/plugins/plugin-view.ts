import { Joi, object } from '@nusantara/sdk'
import type { PluginRecord, PluginState } from './plugin-record.js'

/** One plugin as the API shows it. */
export interface PluginView {
  readonly id: string
  readonly version: string | null
  readonly displayName: Readonly<Record<string, string>>
  readonly description: Readonly<Record<string, string>>
  readonly state: PluginState
  readonly enabled: boolean
  readonly bundled: boolean
  /** Why it does not run, in the reader's language. */
  readonly why: {
    readonly code: string
    readonly params: unknown
    readonly message: string
    readonly remedy: string
  } | null
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  /** Optional dependencies whose version is out of range. */
  readonly ignored: readonly { readonly dependency: string; readonly range: string; readonly version: string }[]
  readonly dependants: readonly string[]
  readonly permissions: readonly string[]
  readonly capabilities: readonly string[]
  readonly resident: boolean
  /** Conditions this machine does not meet. */
  readonly missing: readonly { readonly command: string; readonly package: string }[]
  readonly cost: { readonly startMs: number; readonly heapBytes: number } | null
}

const text = Joi.string().allow('').required()
const texts = Joi.object().pattern(Joi.string(), Joi.string()).required()
const names = Joi.array().items(Joi.string()).required()

export const pluginViewSchema = object<PluginView>({
  id: text,
  version: Joi.string().allow(null).required(),
  displayName: texts,
  description: texts,
  state: Joi.string()
    .valid('discovered', 'rejected', 'resolved', 'starting', 'running', 'stopping', 'stopped', 'failed')
    .required(),
  enabled: Joi.boolean().required(),
  bundled: Joi.boolean().required(),
  why: object({ code: text, params: Joi.object().unknown().required(), message: text, remedy: text }).allow(null),
  dependencies: texts,
  optionalDependencies: texts,
  ignored: Joi.array()
    .items(object({ plugin: Joi.string(), dependency: text, range: text, version: text }).optional())
    .required(),
  dependants: names,
  permissions: names,
  capabilities: names,
  resident: Joi.boolean().required(),
  missing: Joi.array()
    .items(object({ command: text, package: text }).optional())
    .required(),
  cost: object({ startMs: Joi.number().required(), heapBytes: Joi.number().required() }).allow(null),
})

type Format = (key: string, params: Readonly<Record<string, unknown>>) => string

export function pluginView(record: PluginRecord, dependants: readonly string[], format: Format): PluginView {
  const { manifest, problem } = record
  return {
    id: record.id,
    version: manifest?.version ?? null,
    displayName: manifest?.displayName ?? { en: record.id },
    description: manifest?.description ?? {},
    state: record.state,
    enabled: record.enabled,
    bundled: record.bundled,
    why: problem
      ? {
          code: problem.code,
          params: problem.params,
          message: format(`problem.${problem.code}`, problem.params),
          remedy: format(`problem.${problem.code}.remedy`, problem.params),
        }
      : null,
    dependencies: manifest?.dependencies ?? {},
    optionalDependencies: manifest?.optionalDependencies ?? {},
    ignored: record.ignored,
    dependants,
    permissions: Object.keys(manifest?.permissions ?? {}),
    capabilities: manifest?.capabilities ?? [],
    resident: manifest?.resident ?? false,
    missing: record.missing,
    cost: record.cost ?? null,
  }
}
