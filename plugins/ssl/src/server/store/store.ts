import { type Knex, newId, type PluginContext } from '@nusantara/sdk'
import type { Certificate, CertificateOrder, Failure, TlsPolicy } from '../../api.js'
import { describe } from '../pem/certificate-facts.js'
import { toPem } from '../pem/split-pem.js'
import type { PastEvent } from '../renewal/limits.js'
import {
  type Advice,
  blank,
  type CertificateRow,
  type ShownRow,
  type SiteRow,
  type StoredCertificate,
  type StoredSite,
  shownColumns,
  type Told,
  toCertificate,
  toShown,
  toSite,
  untouched,
} from './rows.js'

export interface NewCertificate {
  readonly id: string
  readonly siteId: string
  readonly kind: StoredCertificate['kind']
  readonly authority?: string | null
  readonly names: readonly string[]
  readonly keyType: string
  readonly exportable: boolean
}

export type SitePatch = Partial<{
  readonly certificateId: string | null
  readonly policy: TlsPolicy
  readonly order: CertificateOrder | null
  readonly renewAt: string | null
  readonly advice: Advice | null
  readonly failures: number
  readonly failure: Failure | null
  readonly jobId: string | null
  readonly told: Told | null
}>

const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value))

/** How long what was certified and could not be served waits for another try. Milliseconds. */
const unusedMs = 3 * 86_400_000

/** Rows of certificates and of how sites stand with them. */
export class Store {
  constructor(private readonly db: PluginContext['db']) {}

  async site(siteId: string, knex: Knex = this.db.knex): Promise<StoredSite> {
    const row: SiteRow | undefined = await knex('ssl_sites').where({ site_id: siteId }).first()
    return row ? toSite(row) : untouched(siteId)
  }

  /** False once the site is gone. */
  async knows(siteId: string, knex: Knex = this.db.knex): Promise<boolean> {
    return (await knex('ssl_sites').where({ site_id: siteId }).first('site_id')) !== undefined
  }

  async sites(): Promise<readonly StoredSite[]> {
    const rows: SiteRow[] = await this.db.knex('ssl_sites').orderBy('site_id')
    return rows.map(toSite)
  }

  /** Of the given sites those that something is known of. */
  async sitesOf(ids: readonly string[]): Promise<ReadonlyMap<string, StoredSite>> {
    const found = new Map<string, StoredSite>()
    for (const part of parts(ids)) {
      const rows: SiteRow[] = await this.db.knex('ssl_sites').whereIn('site_id', part)
      for (const row of rows) found.set(row.site_id, toSite(row))
    }
    return found
  }

  /** With an order and something to do until then. */
  async due(until: string): Promise<readonly StoredSite[]> {
    const rows: SiteRow[] = await this.db
      .knex('ssl_sites')
      .whereNotNull('order')
      .whereNotNull('certificate_id')
      .where(due => due.whereNull('renew_at').orWhere('renew_at', '<=', until))
      .orderBy('renew_at')
    return rows.map(toSite)
  }

  async update(siteId: string, patch: SitePatch, knex: Knex = this.db.knex): Promise<void> {
    const columns: Record<string, unknown> = { updated_at: new Date().toISOString() }
    if ('certificateId' in patch) columns.certificate_id = patch.certificateId
    if ('policy' in patch) columns.policy = json(patch.policy)
    if ('order' in patch) columns.order = json(patch.order)
    if ('renewAt' in patch) columns.renew_at = patch.renewAt
    if ('advice' in patch) columns.advice = json(patch.advice)
    if ('failures' in patch) columns.failures = patch.failures
    if ('failure' in patch) columns.failure = json(patch.failure)
    if ('jobId' in patch) columns.job_id = patch.jobId
    if ('told' in patch) columns.told = json(patch.told)
    await knex('ssl_sites')
      .insert({ ...blank, site_id: siteId, ...columns })
      .onConflict('site_id')
      .merge(columns)
  }

  /** The job is over; one that came after it stays named. */
  async release(siteId: string, jobId: string, knex: Knex = this.db.knex): Promise<void> {
    await knex('ssl_sites').where({ site_id: siteId, job_id: jobId }).update({ job_id: null })
  }

  async certificate(id: string, knex: Knex = this.db.knex): Promise<StoredCertificate | null> {
    const row: CertificateRow | undefined = await knex('ssl_certificates').where({ id }).first()
    return row ? toCertificate(row) : null
  }

  async certificates(ids: readonly string[]): Promise<ReadonlyMap<string, StoredCertificate>> {
    const found = new Map<string, StoredCertificate>()
    for (const part of parts(ids)) {
      const rows: CertificateRow[] = await this.db.knex('ssl_certificates').whereIn('id', part)
      for (const row of rows) found.set(row.id, toCertificate(row))
    }
    return found
  }

  /** What people are shown of certificates. */
  async shown(ids: readonly string[]): Promise<ReadonlyMap<string, Certificate>> {
    const found = new Map<string, Certificate>()
    for (const part of parts(ids)) {
      const rows: ShownRow[] = await this.db.knex('ssl_certificates').whereIn('id', part).select(shownColumns)
      for (const row of rows) found.set(row.id, toShown(row))
    }
    return found
  }

  async history(siteId: string): Promise<readonly StoredCertificate[]> {
    const rows: CertificateRow[] = await this.db
      .knex('ssl_certificates')
      .where({ site_id: siteId })
      .orderBy('created_at', 'desc')
      .limit(20)
    return rows.map(toCertificate)
  }

  /** One that was certified for exactly this in the last days, and never served. */
  async unused(
    siteId: string,
    { authority, names, keyType, exportable }: CertificateOrder & { readonly exportable: boolean },
    now: Date,
  ): Promise<string | undefined> {
    const wanted = [...names].sort().join(' ')
    const found = (await this.history(siteId)).find(
      each =>
        each.state === 'pending' &&
        each.chain.length > 0 &&
        each.authority === authority &&
        each.keyType === keyType &&
        each.exportable === exportable &&
        [...each.names].sort().join(' ') === wanted &&
        Date.parse(each.createdAt) > now.getTime() - unusedMs,
    )
    return found?.id
  }

  /** A certificate that is on its way; the same id again is the same certificate. */
  async begin(certificate: NewCertificate, knex: Knex = this.db.knex): Promise<void> {
    const { id, siteId, kind, authority = null, names, keyType, exportable } = certificate
    await knex('ssl_certificates')
      .insert({
        id,
        site_id: siteId,
        kind,
        state: 'pending',
        authority,
        names: json(names),
        key_type: keyType,
        exportable: exportable ? 1 : 0,
        created_at: new Date().toISOString(),
      })
      .onConflict('id')
      .ignore()
  }

  async remember(id: string, orderUrl: string): Promise<void> {
    await this.db.knex('ssl_certificates').where({ id }).update({ order_url: orderUrl })
  }

  /** It exists; until it is served it stays `pending`. @param chain DER in base64, leaf first */
  async complete(id: string, chain: readonly string[]): Promise<void> {
    const facts = describe(toPem('CERTIFICATE', Buffer.from(chain[0] ?? '', 'base64')))
    await this.db
      .knex('ssl_certificates')
      .where({ id })
      .update({
        chain: json(chain),
        names: json([...facts.names, ...facts.addresses]),
        key_type: facts.keyType,
        issuer: facts.issuer,
        not_before: facts.notBefore,
        not_after: facts.notAfter,
        serial: facts.serial,
        fingerprint: facts.fingerprint256,
      })
  }

  /** It is served. */
  async activate(id: string, knex: Knex = this.db.knex): Promise<void> {
    await knex('ssl_certificates').where({ id, state: 'pending' }).update({ state: 'valid' })
  }

  async revoked(id: string, knex: Knex = this.db.knex): Promise<void> {
    await knex('ssl_certificates').where({ id }).update({ state: 'revoked' })
  }

  async discard(id: string, knex: Knex = this.db.knex): Promise<void> {
    await knex('ssl_certificates').where({ id }).delete()
  }

  /** Everything about a site that is gone. */
  async forget(siteId: string): Promise<void> {
    await this.db.transaction(async trx => {
      await trx('ssl_sites').where({ site_id: siteId }).delete()
      await trx('ssl_certificates').where({ site_id: siteId }).delete()
    })
  }

  async record(authority: string, event: PastEvent): Promise<void> {
    const { at, kind, names, renewal = null } = event
    await this.db
      .knex('ssl_events')
      .insert({ id: newId(), authority, kind, names: json(names), renewal, at: at.toISOString() })
  }

  /** Of the last seven days, which is as far back as any limit looks; older ones go. */
  async events(authority: string, now: Date): Promise<readonly PastEvent[]> {
    const since = new Date(now.getTime() - 7 * 86_400_000).toISOString()
    await this.db.knex('ssl_events').where('at', '<', since).delete()
    const rows: { at: string; kind: PastEvent['kind']; names: string; renewal: PastEvent['renewal'] }[] = await this.db
      .knex('ssl_events')
      .where({ authority })
      .where('at', '>=', since)
      .orderBy('id')
    return rows.map(({ at, kind, names, renewal }) => ({
      at: new Date(at),
      kind,
      names: JSON.parse(names) as string[],
      ...(renewal && { renewal }),
    }))
  }
}

/** SQLite takes at most so many variables (SQLITE_MAX_VARIABLE_NUMBER); half a thousand is plenty for a query. */
function* parts(ids: readonly string[]): Generator<string[]> {
  for (let at = 0; at < ids.length; at += 500) yield ids.slice(at, at + 500)
}
