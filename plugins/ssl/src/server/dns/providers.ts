import type { PluginContext } from '@nusantara/sdk'
import { ProviderInUse, ProviderUnknown } from '../errors.js'
import type { SslSettings } from '../settings.js'
import { type DnsProviderConfig, secretsOf } from './config.js'
import { parseAddresses, parseEndpoint } from './endpoint.js'
import type { PropagationOptions } from './propagation.js'
import type { DnsProvider } from './provider.js'

interface ProviderRow {
  readonly id: string
  readonly name: string
  readonly type: DnsProviderConfig['type']
  readonly config: string
}

export interface ProviderBody {
  readonly id: string
  readonly name: string
  readonly config: DnsProviderConfig
}

/** A provider as everybody may see it: without its secrets. */
export interface ProviderView {
  readonly id: string
  readonly name: string
  readonly type: DnsProviderConfig['type']
  readonly config: Readonly<Record<string, unknown>>
}

/** A provider ready for use, and how to see that what it wrote is there. */
export interface OpenProvider {
  readonly dns: DnsProvider
  readonly propagation: Pick<PropagationOptions, 'resolver' | 'nameservers'>
}

const secretName = (id: string) => `dns.${id}`

/**
 * Who can change the DNS of the domains here. Secrets of a provider are sealed apart from the rest of it.
 *
 * Where the world is seen from is said in two places. The setting `resolvers`, for the whole server, is asked where names
 * lead (CNAMEs of challenges, zones, their name servers). A provider's `nameservers` are asked for its records in place of
 * those that the zone names, on port 53 unless they say another.
 */
export class Providers {
  constructor(
    private readonly context: Pick<PluginContext, 'db' | 'secrets'>,
    private readonly settings: { get(): Promise<SslSettings> },
  ) {}

  async list(): Promise<readonly ProviderView[]> {
    const rows: ProviderRow[] = await this.context.db.knex('ssl_providers').orderBy('id')
    return rows.map(({ id, name, type, config }) => ({ id, name, type, config: JSON.parse(config) }))
  }

  /** Adds it, or replaces the one of that id. */
  async put({ id, name, config }: ProviderBody): Promise<ProviderView> {
    const secrets: Record<string, string> = {}
    const open = structuredClone(config) as unknown as Record<string, unknown>
    for (const path of secretsOf(config.type)) {
      const value = take(open, path.split('.'))
      if (value !== undefined) secrets[path] = value
    }
    await this.context.secrets.put(secretName(id), JSON.stringify(secrets))
    const row = { id, name, type: config.type, config: JSON.stringify(open), created_at: new Date().toISOString() }
    await this.context.db.knex('ssl_providers').insert(row).onConflict('id').merge()
    return { id, name, type: config.type, config: open }
  }

  /** @throws ssl.provider_unknown, ssl.provider_in_use */
  async remove(id: string): Promise<void> {
    const { knex } = this.context.db
    await this.#row(id)
    const orders: { order: string }[] = await knex('ssl_sites').whereNotNull('order').select('order')
    const count = orders.filter(({ order }) => (JSON.parse(order) as { provider?: string }).provider === id).length
    if (count > 0) throw ProviderInUse({ provider: id, count })
    await knex('ssl_providers').where({ id }).delete()
    await this.context.secrets.remove(secretName(id))
  }

  async has(id: string): Promise<boolean> {
    return (await this.context.db.knex('ssl_providers').where({ id }).first('id')) !== undefined
  }

  /** @throws ssl.provider_unknown */
  async open(id: string): Promise<OpenProvider> {
    // Loaded here: few servers prove names by DNS, and what speaks it is large.
    const [{ providerOf }, { Resolver }] = await Promise.all([import('./provider.js'), import('./resolver.js')])
    const { config } = await this.#row(id)
    const whole = JSON.parse(config) as Record<string, unknown>
    const secrets = JSON.parse((await this.context.secrets.get(secretName(id))) ?? '{}') as Record<string, string>
    for (const [path, value] of Object.entries(secrets)) give(whole, path.split('.'), value)
    const { nameservers, ...rest } = whole as unknown as DnsProviderConfig
    const asked = parseAddresses((await this.settings.get()).resolvers) ?? []
    const resolver = new Resolver(asked.length > 0 ? asked : undefined)
    const servers = nameservers?.flatMap(server => parseEndpoint(server) ?? [])
    return {
      dns: providerOf(rest as DnsProviderConfig, { resolver }),
      propagation: { resolver, ...(servers && { nameservers: servers }) },
    }
  }

  async #row(id: string): Promise<ProviderRow> {
    const row: ProviderRow | undefined = await this.context.db.knex('ssl_providers').where({ id }).first()
    if (!row) throw ProviderUnknown({ provider: id })
    return row
  }
}

type Fields = Record<string, unknown>

/** The value at the path, which is no longer there afterwards. */
function take(fields: Fields, [head = '', ...rest]: readonly string[]): string | undefined {
  const value = fields[head]
  if (rest.length > 0) return typeof value === 'object' && value !== null ? take(value as Fields, rest) : undefined
  delete fields[head]
  return typeof value === 'string' ? value : undefined
}

function give(fields: Fields, [head = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) fields[head] = value
  else if (typeof fields[head] === 'object' && fields[head] !== null) give(fields[head] as Fields, rest, value)
}
