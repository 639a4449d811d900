import { Joi, type Knex, Problem, type SettingsDefinition } from '@nusantara/sdk'
import type { Sealer } from '../auth/sealed.js'
import type { Clock } from '../state/clock.js'
import type { State } from '../state/state.js'
import { fromEnvironment, variableName } from './environment.js'
import { SettingFixed, SettingInvalid, SettingsNewer } from './errors.js'
import { type SettingField, settingFields } from './setting-fields.js'

export type Values = Record<string, unknown>

export interface PluginSettingsShape {
  readonly plugin: string
  readonly keys: Readonly<Record<string, Joi.Schema>>
}

export interface SettingsView {
  readonly plugin: string
  readonly version: number
  /** Without secrets. */
  readonly values: Values
  /** Secret keys that have a value. */
  readonly secrets: readonly string[]
  /** Keys whose value the environment fixes. */
  readonly fixed: readonly string[]
  /** What a form asks for, in the order of the schema. */
  readonly fields: readonly SettingField[]
}

/** The settings of one plugin: what is stored, on it what the environment fixes, below it the schema's defaults. */
export class PluginSettings implements PluginSettingsShape {
  readonly keys: Readonly<Record<string, Joi.Schema>>
  readonly #listeners = new Set<(values: unknown) => void>()

  constructor(
    readonly plugin: string,
    readonly definition: SettingsDefinition<unknown>,
    private readonly parts: {
      readonly state: State
      readonly sealer: Sealer
      readonly clock: Clock
      readonly env: NodeJS.ProcessEnv
    },
  ) {
    const object = definition.schema as unknown as Joi.ObjectSchema
    const names = Object.keys((object.describe().keys ?? {}) as object)
    this.keys = Object.fromEntries(names.map(name => [name, object.extract(name)]))
  }

  get secretKeys(): readonly string[] {
    return (this.definition.secrets ?? []) as readonly string[]
  }

  /** @param account empty for the server's @throws SettingInvalid, SettingsNewer */
  async get(account = ''): Promise<Values> {
    return this.#complete(await this.#stored(account))
  }

  async view(account = ''): Promise<SettingsView> {
    const values = await this.get(account)
    const secrets = this.secretKeys.filter(key => values[key] !== undefined && values[key] !== '')
    const shown = Object.fromEntries(Object.entries(values).filter(([key]) => !this.secretKeys.includes(key)))
    const fixed = Object.keys(fromEnvironment(this, this.parts.env))
    const fields = settingFields(this, this.secretKeys)
    return { plugin: this.plugin, version: this.definition.version, values: shown, secrets, fixed, fields }
  }

  /** Changes the keys that are given; null puts one back to its default. @throws SettingFixed, invalid_input */
  async update(changes: Values, account = ''): Promise<void> {
    const fixed = fromEnvironment(this, this.parts.env)
    const clash = Object.keys(changes).find(key => key in fixed)
    if (clash) throw SettingFixed({ key: clash, variable: variableName(this.plugin, clash) })
    await this.parts.state.transaction(async trx => {
      const values = { ...(await this.#stored(account, trx)) }
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) delete values[key]
        else values[key] = value
      }
      const { error } = this.definition.schema.validate({ ...values, ...fixed }, { abortEarly: false })
      if (error) throw invalid(error)
      await this.#store(values, account, trx)
    })
    if (account === '') await this.changed()
  }

  /** Tells who listens what the server's values are now. */
  async changed(): Promise<void> {
    const values = await this.get()
    for (const listener of this.#listeners) listener(values)
  }

  onChange(listener: (values: unknown) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #complete(stored: Values): Values {
    const fixed = fromEnvironment(this, this.parts.env)
    const { error, value } = this.definition.schema.validate({ ...stored, ...fixed })
    const detail = error?.details[0]
    if (detail) {
      const key = detail.path.join('.') || '*'
      throw SettingInvalid({ plugin: this.plugin, key, source: 'stored', reason: detail.message })
    }
    return value as Values
  }

  /** @param trx locks the row, so that of two changes at once none is lost */
  async #stored(account: string, trx?: Knex.Transaction): Promise<Values> {
    const { state } = this.parts
    if (trx && state.dialect === 'postgres') {
      // There may be no row to lock yet.
      await trx.raw('select pg_advisory_xact_lock(hashtext(?))', [`settings:${this.plugin}:${account}`])
    }
    const row = await (trx ?? state.knex)('settings').where({ plugin: this.plugin, account_id: account }).first()
    if (!row) return {}
    const { version, migrate } = this.definition
    if (row.version > version) throw SettingsNewer({ plugin: this.plugin, stored: row.version, known: version })
    const values = this.#unseal(JSON.parse(row.values) as Values, account)
    return row.version < version && migrate ? migrate(values, row.version) : values
  }

  async #store(values: Values, account: string, trx: Knex.Transaction): Promise<void> {
    const row = {
      plugin: this.plugin,
      account_id: account,
      version: this.definition.version,
      values: JSON.stringify(this.#seal(values, account)),
      changed_at: this.parts.clock.now().toISOString(),
    }
    await trx('settings').insert(row).onConflict(['plugin', 'account_id']).merge()
  }

  #seal(values: Values, account: string): Values {
    return this.#map(values, (key, value) => this.parts.sealer.seal(JSON.stringify(value), this.#purpose(key, account)))
  }

  #unseal(values: Values, account: string): Values {
    return this.#map(values, (key, value) =>
      JSON.parse(this.parts.sealer.open(String(value), this.#purpose(key, account))),
    )
  }

  #map(values: Values, change: (key: string, value: unknown) => unknown): Values {
    const secret = new Set(this.secretKeys)
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, secret.has(key) ? change(key, value) : value]),
    )
  }

  #purpose(key: string, account: string): string {
    return `setting:${this.plugin}:${account}:${key}`
  }
}

function invalid(error: Joi.ValidationError): Problem {
  const fields = error.details.map(({ path, type, message, context }) => {
    const { value: _value, ...params } = { ...context }
    return { path: path.join('.'), code: type, message, params }
  })
  return new Problem('invalid_input', 422, { count: fields.length }, fields)
}
