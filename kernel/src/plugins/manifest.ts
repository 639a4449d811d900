import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apiVersion, Joi, type PluginManifest } from '@nusantara/sdk'
import semver from 'semver'
import { ApiUnsupported, ManifestInvalid, PluginIdReserved } from './errors.js'

/** Ids whose routes, tables, permissions or tokens are the kernel's. */
export const reservedIds: ReadonlySet<string> = new Set(
  (
    'kernel core system nusa nusantara panel sdk shell ui api http lifecycle health healthz metrics openapi search ' +
    'setup auth users roles accounts account tokens sessions resources jobs schedules audit broker changes drift hooks ' +
    'plugin plugins settings secrets events outbox notification notifications dashboard onboarding problem job permission'
  ).split(' '),
)

export interface Manifest extends PluginManifest {
  readonly version: string
}

const idPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const texts = Joi.object()
  .pattern(/^[a-z]{2}(-[A-Z]{2})?$/, Joi.string().max(500))
  .keys({ en: Joi.string().max(500).required() })
const ranges = Joi.object().pattern(idPattern, Joi.string().custom(range))
const entry = Joi.string()
  .pattern(/^\.\/[\w./-]+\.js$/)
  .pattern(/\.\./, { invert: true })

const schema = Joi.object({
  id: Joi.string().pattern(idPattern).max(32).required(),
  api: Joi.string().custom(range).required(),
  displayName: texts.required(),
  description: texts,
  dependencies: ranges,
  optionalDependencies: ranges,
  resident: Joi.boolean().strict(),
  readsData: Joi.string().custom(range),
  permissions: Joi.object().pattern(
    Joi.string().pattern(/^[a-z0-9-]+:[a-z][a-z0-9_-]*$/),
    Joi.object({ risk: Joi.string().valid('low', 'high'), user: Joi.boolean().strict() }),
  ),
  capabilities: Joi.array()
    .items(Joi.string().valid('http', 'jobs', 'ui', 'db', 'broker', 'secrets', 'events'))
    .unique()
    .required(),
  conditions: Joi.array().items(
    Joi.object({
      command: Joi.string()
        .pattern(/^[\w.+-]+$/)
        .required(),
      package: Joi.string()
        .pattern(/^[a-z0-9.+-]+$/)
        .required(),
    }),
  ),
  entry: Joi.object({ server: entry.required(), ui: entry }).required(),
}).required()

function range(value: string): string {
  if (semver.validRange(value) === null) throw new Error('it is not a semver range such as ^1')
  return value
}

/**
 * Reads and checks the manifest in a plugin's directory. No code of the plugin runs.
 *
 * @throws ManifestInvalid naming the field, PluginIdReserved, ApiUnsupported
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = await readJson(directory)
  const named = file.nusantara as { id?: unknown } | undefined
  const plugin = typeof named?.id === 'string' ? named.id : directory
  const { error, value } = schema.validate(file.nusantara, { convert: false, errors: { wrap: { label: "'" } } })
  const detail = error?.details[0]
  if (detail) throw ManifestInvalid({ plugin, field: ['nusantara', ...detail.path].join('.'), reason: detail.message })
  const manifest = value as PluginManifest
  if (reservedIds.has(manifest.id)) throw PluginIdReserved({ plugin })
  const version = semver.valid(String(file.version))
  if (!version)
    throw ManifestInvalid({ plugin, field: 'version', reason: 'it is not a semantic version such as 1.0.0' })
  const foreign = Object.keys(manifest.permissions ?? {}).find(name => !name.startsWith(`${manifest.id}:`))
  if (foreign) {
    const field = `nusantara.permissions.${foreign}`
    throw ManifestInvalid({ plugin, field, reason: `a permission of this plugin begins with '${manifest.id}:'` })
  }
  if (!semver.satisfies(apiVersion, manifest.api))
    throw ApiUnsupported({ plugin, wants: manifest.api, has: apiVersion })
  return { ...manifest, version }
}

async function readJson(directory: string): Promise<{ nusantara?: unknown; version?: unknown }> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
    if (typeof parsed !== 'object' || parsed === null) throw new Error('it is not an object')
    return parsed
  } catch (error) {
    throw ManifestInvalid(
      { plugin: directory, field: 'package.json', reason: (error as Error).message },
      { cause: error },
    )
  }
}
