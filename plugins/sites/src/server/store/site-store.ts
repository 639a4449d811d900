import type { Actor, Knex, PluginContext, TenantId } from '@nusantara/sdk'
import type { Authority, Site, SiteSpec, Suspension } from '../../api.js'
import { columns, namesOf, SiteRow, type StoredSite, targetAuthority, toSite } from '../models/site-row.js'
import { SiteNames } from './site-names.js'

export interface NewSite {
  readonly id: string
  readonly tenant: TenantId
  readonly accountId: string
  readonly spec: SiteSpec
}

/** What {@link SiteStore.save} records besides the specification. */
export interface Saved {
  readonly spec: SiteSpec
  readonly jobId: string
  /** When this suspended it. */
  readonly suspension?: Omit<Suspension, 'at'>
  /** When the target of its proxy may have changed. */
  readonly targetBy?: Authority | null
}

/** Rows of sites and their names, in step with the kernel's resources. */
export class SiteStore {
  readonly names: SiteNames

  constructor(private readonly context: Pick<PluginContext, 'db' | 'resources'>) {
    this.names = new SiteNames(context.db)
  }

  async find(id: string, knex: Knex = this.context.db.knex): Promise<Site | null> {
    const row = await SiteRow.query(knex).findById(id)
    return row ? toSite(row) : null
  }

  async findMany(ids: readonly string[]): Promise<Site[]> {
    const rows = await SiteRow.query(this.context.db.knex).whereIn('id', [...ids])
    return rows.map(toSite)
  }

  /** Every site that is there to stay, whoever owns it. */
  async activeIds(): Promise<string[]> {
    const rows: { id: string }[] = await SiteRow.query(this.context.db.knex)
      .where({ state: 'active', deleting_job: null })
      .select('id')
      .orderBy('id')
    return rows.map(({ id }) => id)
  }

  /** Those that publish the panel, and are there to stay. */
  async ofPanel(): Promise<Site[]> {
    const rows = await SiteRow.query(this.context.db.knex)
      .where({ state: 'active', deleting_job: null })
      .where('spec', 'like', '%"runtime":{"type":"panel"}%')
      .orderBy('id')
    return rows.map(toSite)
  }

  /** Within the actor's scope. */
  async findBy(actor: Actor, column: 'id' | 'tenant', value: string): Promise<Site | null> {
    const found = await SiteRow.query(this.context.db.knex).findOne({ [column]: value })
    if (!found || !(await this.context.resources.find(actor, 'site', found.id))) return null
    return toSite(found)
  }

  /** The site that claims the name exactly, or by a wildcard. */
  async idOfName(given: string): Promise<string | null> {
    // As the web server reads a Host header: in any case, with or without the dot of the root.
    const name = given.toLowerCase().replace(/\.$/, '')
    const labels = name.split('.')
    const candidates = labels.map((_, index) => (index ? `*.${labels.slice(index).join('.')}` : name))
    const rows: { name: string; site_id: string }[] = await this.context.db
      .knex('sites_names')
      .whereIn('name', candidates)
    const best = candidates.map(candidate => rows.find(row => row.name === candidate)).find(Boolean)
    return best?.site_id ?? null
  }

  /** A row `pending` with its names, below the account. @throws sites.name_taken */
  async insert(trx: Knex.Transaction, site: NewSite, jobId: string, actor: Actor): Promise<void> {
    const now = new Date().toISOString()
    await this.context.resources.create(trx, { id: site.id, type: 'site', accountId: site.accountId })
    await SiteRow.query(trx).insert({
      id: site.id,
      tenant: site.tenant,
      account_id: site.accountId,
      state: 'pending',
      ...columns(site.spec),
      target_by: targetAuthority(site.spec, actor),
      creating_job: jobId,
      created_at: now,
      updated_at: now,
    })
    await this.names.claim(trx, { ...this.#claimant(site, actor), jobId })
  }

  /** The names that an update will need, besides those that the site has. @throws sites.name_taken */
  async reserve(trx: Knex.Transaction, site: Site, spec: SiteSpec, jobId: string, actor: Actor): Promise<void> {
    await this.names.claim(trx, { ...this.#claimant({ ...site, spec }, actor), jobId })
  }

  /** @throws sites.name_taken */
  async checkNames(site: Omit<NewSite, 'tenant'>, actor: Actor): Promise<void> {
    await this.names.check(this.context.db.knex, this.#claimant(site, actor))
  }

  /** What a job made of a site is in force. */
  async save(trx: Knex.Transaction, id: string, { spec, jobId, ...more }: Saved): Promise<Site | null> {
    const updated_at = new Date().toISOString()
    await SiteRow.query(trx)
      .findById(id)
      .patch({ ...columns(spec), ...suspensionColumns(spec, more, updated_at), ...settledColumns(more), updated_at })
    await this.names.settle(trx, id, jobId, namesOf(spec))
    return this.find(id, trx)
  }

  /** After an update that failed: its claims are taken back. */
  async release(trx: Knex.Transaction, id: string, jobId: string): Promise<void> {
    const site = await this.find(id, trx)
    if (site) await this.names.settle(trx, id, jobId, namesOf(site))
  }

  /** From here on the job decides what becomes of the site; of several the last. */
  async markDeleting(knex: Knex, id: string, jobId: string): Promise<void> {
    await SiteRow.query(knex).findById(id).patch({ deleting_job: jobId })
  }

  /** A deletion came to nothing: the site is what it was before, unless another deletion waits. */
  async unmarkDeleting(trx: Knex.Transaction, id: string, jobId: string): Promise<void> {
    await SiteRow.query(trx).findById(id).where({ deleting_job: jobId }).patch({ deleting_job: null })
  }

  /** Its tenant is gone, so nothing can bring it back: whatever becomes of the job, it is left to be deleted. */
  async markGone(id: string): Promise<void> {
    await SiteRow.query(this.context.db.knex).findById(id).patch({ state: 'deleting' })
  }

  async remove(trx: Knex.Transaction, id: string): Promise<void> {
    await trx('sites_names').where({ site_id: id }).delete()
    await SiteRow.query(trx).deleteById(id)
    await this.context.resources.remove(trx, id)
  }

  #claimant(site: Omit<NewSite, 'tenant'>, actor: Actor) {
    return { siteId: site.id, accountId: site.accountId, names: namesOf(site.spec), actor }
  }
}

/** Who suspended it stays until it is resumed or suspended by somebody else. */
function suspensionColumns(
  { suspended }: SiteSpec,
  { suspension }: Pick<Saved, 'suspension'>,
  now: string,
): Partial<StoredSite> {
  if (!suspended) return { suspended_by: null, suspended_at: null, suspended_reason: null }
  if (!suspension) return {}
  return { suspended_by: suspension.by, suspended_at: now, suspended_reason: suspension.reason ?? null }
}

function settledColumns({ targetBy }: Pick<Saved, 'targetBy'>): Partial<StoredSite> {
  return { state: 'active', creating_job: null, ...(targetBy !== undefined && { target_by: targetBy }) }
}
