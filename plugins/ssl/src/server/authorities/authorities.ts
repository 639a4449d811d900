import { generateKeyPairSync } from 'node:crypto'
import type { PluginContext } from '@nusantara/sdk'
import type { Authority } from '../../api.js'
import { AcmeClient, type AcmeDirectory, isHttps, thumbprintOf } from '../acme/acme-client.js'
import { fetchTrusting } from '../acme/fetch.js'
import { AccountMissing, AuthorityBuiltIn, AuthorityExists, AuthorityInUse, AuthorityUnknown } from '../errors.js'
import type { SslSettings } from '../settings.js'

export interface AuthorityBody {
  readonly id: string
  readonly name: string
  readonly directoryUrl: string
  /** Its own root, when public ones do not vouch for its servers. */
  readonly caPem?: string
  /** External account binding (RFC 8555 §7.3.4). */
  readonly eabKeyId?: string
  readonly eabSecret?: string
}

/** letsencrypt.org/docs/acme-protocol-updates, letsencrypt.org/docs/staging-environment, letsencrypt.org/docs/caa */
const builtIn: readonly Pick<Authority, 'id' | 'name' | 'directoryUrl'>[] = [
  {
    id: 'letsencrypt',
    name: 'Let’s Encrypt',
    directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
  },
  {
    id: 'letsencrypt-staging',
    name: 'Let’s Encrypt (staging)',
    directoryUrl: 'https://acme-staging-v02.api.letsencrypt.org/directory',
  },
]

interface AuthorityRow {
  readonly id: string
  readonly name: string
  readonly directory_url: string
  readonly ca_pem: string | null
  readonly eab_kid: string | null
}

interface AccountRow {
  readonly authority: string
  readonly account_url: string | null
  readonly thumbprint: string
}

/** That are believed of a directory. */
const mostIdentities = 20
const dayMs = 86_400_000

/** Of the row's thumbprint, so that the row alone decides which key counts, for every process that shares the state. */
const accountSecret = (id: string, thumbprint: string) => `account.${id}.${thumbprint}`
/** The key of a roll-over that is under way. */
const nextSecret = (id: string) => `account.${id}.next`
const bindingSecret = (id: string) => `eab.${id}`

type Account = AccountRow & { readonly key: string }

/** Certificate authorities, and this server's one account at each. */
export class Authorities {
  /** Accounts that are being made, by authority. */
  readonly #making = new Map<string, Promise<Account>>()
  /** By URL. */
  readonly #directories = new Map<string, { readonly directory: AcmeDirectory; readonly until: number }>()

  constructor(
    private readonly context: Pick<PluginContext, 'db' | 'secrets'>,
    private readonly settings: { get(): Promise<SslSettings> },
  ) {}

  async list(): Promise<readonly Authority[]> {
    const { knex } = this.context.db
    const { authority: byDefault } = await this.settings.get()
    const rows: AuthorityRow[] = await knex('ssl_authorities').orderBy('id')
    const accounts: AccountRow[] = await knex('ssl_accounts')
    const urls = new Map(accounts.map(({ authority, account_url }) => [authority, account_url]))
    const known = [
      ...builtIn.map(each => ({ ...each, builtIn: true, caPem: null, eabKeyId: null })),
      ...rows.map(row => ({
        id: row.id,
        name: row.name,
        directoryUrl: row.directory_url,
        builtIn: false,
        caPem: row.ca_pem,
        eabKeyId: row.eab_kid,
      })),
    ]
    return known.map(each => ({ ...each, default: each.id === byDefault, accountUrl: urls.get(each.id) ?? null }))
  }

  /** @throws ssl.authority_unknown */
  async require(id: string): Promise<Authority> {
    const found = (await this.list()).find(each => each.id === id)
    if (!found) throw AuthorityUnknown({ authority: id })
    return found
  }

  async default(): Promise<string> {
    return (await this.settings.get()).authority
  }

  /** @throws ssl.authority_exists */
  async add({ eabSecret, ...body }: AuthorityBody): Promise<Authority> {
    if ((await this.list()).some(({ id }) => id === body.id)) throw AuthorityExists({ authority: body.id })
    if (eabSecret) await this.context.secrets.put(bindingSecret(body.id), eabSecret)
    await this.context.db.knex('ssl_authorities').insert({
      id: body.id,
      name: body.name,
      directory_url: body.directoryUrl,
      ca_pem: body.caPem ?? null,
      eab_kid: body.eabKeyId ?? null,
      created_at: new Date().toISOString(),
    })
    return this.require(body.id)
  }

  /** @throws ssl.authority_unknown, ssl.authority_built_in, ssl.authority_in_use */
  async remove(id: string): Promise<void> {
    const { builtIn } = await this.require(id)
    if (builtIn) throw AuthorityBuiltIn({ authority: id })
    const { knex } = this.context.db
    const used: { order: string | null }[] = await knex('ssl_sites').whereNotNull('order').select('order')
    const count = used.filter(
      ({ order }) => (JSON.parse(order ?? '{}') as { authority?: string }).authority === id,
    ).length
    if (count > 0) throw AuthorityInUse({ authority: id, count })
    const account: AccountRow | undefined = await knex('ssl_accounts').where({ authority: id }).first()
    await knex('ssl_authorities').where({ id }).delete()
    await knex('ssl_accounts').where({ authority: id }).delete()
    for (const name of [...(account ? [accountSecret(id, account.thumbprint)] : []), nextSecret(id), bindingSecret(id)])
      await this.context.secrets.remove(name)
  }

  /** What challenges of this account are answered with: it follows from the key, before anybody registers it. */
  async thumbprint(id: string): Promise<string> {
    return (await this.#account(id)).thumbprint
  }

  /** Ready to order with: the account is registered. @throws what {@link AcmeClient} throws */
  async open(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly client: AcmeClient; readonly directory: AcmeDirectory }> {
    const authority = await this.require(id)
    const account = await this.#account(id)
    const client = await AcmeClient.open({
      directoryUrl: authority.directoryUrl,
      accountKey: account.key,
      accountUrl: account.account_url,
      eab: await this.#binding(authority),
      caPem: authority.caPem,
      signal,
    })
    const directory = await client.directory()
    if (!account.account_url) {
      const { contact } = await this.settings.get()
      const url = await client.register(contact || null)
      const { thumbprint } = account
      await this.context.db.knex('ssl_accounts').where({ authority: id, thumbprint }).update({ account_url: url })
    }
    return { client, directory }
  }

  /** The authority knows the account no more: it is registered anew when it is needed next. */
  async forgetAccount(id: string): Promise<void> {
    await this.context.db.knex('ssl_accounts').where({ authority: id }).update({ account_url: null })
  }

  /**
   * Where the authority tells when it wants certificates renewed (RFC 9773), asked without an account; null when it does not,
   * or cannot be asked now.
   */
  async renewalInfo(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly renewalInfo: string; readonly fetch: typeof fetch } | null> {
    const authority = await this.require(id)
    const renewalInfo = (await this.#directory(authority, signal))?.renewalInfo
    return isHttps(renewalInfo) ? { renewalInfo, fetch: fetchTrusting(authority.caPem) } : null
  }

  /** Names under which CAA records (RFC 8659) let the authority issue; empty when it names none or cannot be asked now. */
  async identities(id: string, signal: AbortSignal): Promise<readonly string[]> {
    const authority = await this.require(id)
    if (authority.builtIn) return ['letsencrypt.org']
    const named: unknown = (await this.#directory(authority, signal))?.meta?.caaIdentities
    return Array.isArray(named) ? named.filter(each => typeof each === 'string').slice(0, mostIdentities) : []
  }

  /** Believed for a day. */
  async #directory({ directoryUrl, caPem }: Authority, signal: AbortSignal): Promise<AcmeDirectory | null> {
    const known = this.#directories.get(directoryUrl)
    if (known && known.until > Date.now()) return known.directory
    try {
      const answer = await fetchTrusting(caPem)(directoryUrl, { signal })
      const directory = (await answer.json()) as AcmeDirectory | null
      if (!answer.ok || directory === null || typeof directory !== 'object') return null
      this.#directories.set(directoryUrl, { directory, until: Date.now() + dayMs })
      return directory
    } catch {
      return null
    }
  }

  /**
   * A new account key, known to the authority before it counts here. What is being validated meanwhile fails and is tried
   * again; every site has to be rendered with the new thumbprint afterwards. Taken up again where it stood: the new key is
   * kept before anybody hears of it, and the authority is asked whether it knows it already.
   *
   * @throws ssl.no_account, and what {@link AcmeClient} throws
   */
  async rollOver(id: string, signal: AbortSignal): Promise<void> {
    const { secrets, db } = this.context
    const { accountUrl, name } = await this.require(id)
    if (!accountUrl) throw AccountMissing({ authority: name })
    const before = await this.#account(id)
    const key = (await secrets.get(nextSecret(id))) ?? newKey()
    const thumbprint = thumbprintOf(key)
    await secrets.put(nextSecret(id), key)
    await secrets.put(accountSecret(id, thumbprint), key)
    if ((await (await this.#client(id, key, signal)).find()) !== accountUrl) {
      const { client } = await this.open(id, signal)
      await client.rollOver(key)
    }
    await db.knex('ssl_accounts').where({ authority: id }).update({ thumbprint })
    if (before.thumbprint !== thumbprint) await secrets.remove(accountSecret(id, before.thumbprint))
    await secrets.remove(nextSecret(id))
  }

  async #client(id: string, accountKey: string, signal: AbortSignal): Promise<AcmeClient> {
    const { directoryUrl, caPem } = await this.require(id)
    return AcmeClient.open({ directoryUrl, accountKey, caPem, signal })
  }

  /** Made by whoever needs it first; others who come meanwhile get the same. */
  async #account(id: string): Promise<Account> {
    const kept = await this.#kept(id)
    if (kept) return kept
    const making = this.#making.get(id) ?? this.#make(id).finally(() => this.#making.delete(id))
    this.#making.set(id, making)
    return making
  }

  async #kept(id: string): Promise<Account | null> {
    const row: AccountRow | undefined = await this.context.db.knex('ssl_accounts').where({ authority: id }).first()
    const key = row && (await this.context.secrets.get(accountSecret(id, row.thumbprint)))
    return row && key ? { ...row, key } : null
  }

  /**
   * Other processes may do the same now: each keeps its key under a name of its own before it tries for the row. The one that
   * gets the row decides; everybody then reads whose key that is.
   */
  async #make(id: string): Promise<Account> {
    const { db, secrets } = this.context
    const lost: AccountRow | undefined = await db.knex('ssl_accounts').where({ authority: id }).first()
    const key = newKey()
    const made = { account_url: null, thumbprint: thumbprintOf(key) }
    await secrets.put(accountSecret(id, made.thumbprint), key)
    // A row whose key is gone is that of an account nobody can use any more.
    if (lost && !(await secrets.get(accountSecret(id, lost.thumbprint))))
      await db.knex('ssl_accounts').where({ authority: id, thumbprint: lost.thumbprint }).update(made)
    else
      await db
        .knex('ssl_accounts')
        .insert({ ...made, authority: id, created_at: new Date().toISOString() })
        .onConflict('authority')
        .ignore()
    const kept = await this.#kept(id)
    if (kept?.thumbprint !== made.thumbprint) await secrets.remove(accountSecret(id, made.thumbprint))
    if (!kept) throw AuthorityUnknown({ authority: id })
    return kept
  }

  async #binding({ id, eabKeyId }: Authority): Promise<{ kid: string; hmacKey: string } | null> {
    const hmacKey = eabKeyId && (await this.context.secrets.get(bindingSecret(id)))
    return eabKeyId && hmacKey ? { kid: eabKeyId, hmacKey } : null
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}
