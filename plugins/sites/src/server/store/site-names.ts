import type { Actor, Knex, PluginContext } from '@nusantara/sdk'
import { claims } from '../domain/domain-name.js'
import { NameTaken, NameTakenElsewhere } from '../errors.js'

interface Claim {
  readonly name: string
  readonly site_id: string
  readonly domain: string
  readonly account_id: string
}

export interface Claimant {
  readonly siteId: string
  readonly accountId: string
  /** Primary name first, then the aliases, as in the input. */
  readonly names: readonly string[]
  /** The job that asks; its claims go with it when it fails. */
  readonly jobId?: string
  readonly actor: Pick<Actor, 'admin' | 'accounts'>
}

/** Serializes claims; any number that nothing else locks. */
const claimLock = 7_239_411_101

/** Who claims which host name. */
export class SiteNames {
  constructor(private readonly db: Pick<PluginContext['db'], 'dialect'>) {}

  /**
   * Refuses names that another site claims: exactly, or, between accounts, through a wildcard on either side. What is
   * below a name belongs to its account too, because it could set cookies for it (RFC 6265 §5.3); administrators may
   * give it away, and what a site has it keeps.
   *
   * @throws sites.name_taken, sites.name_taken_elsewhere
   */
  async check(knex: Knex, claimant: Claimant): Promise<void> {
    const { names, siteId, accountId } = claimant
    await this.#checkParents(knex, claimant)
    for (const claim of await this.#overlapping(knex, names)) {
      if (claim.site_id === siteId) continue
      const name = names.find(name => name === claim.name)
      const covered = name ?? names.find(name => claims(name, claim.name) || claims(claim.name, name))
      if (name === undefined && claim.account_id === accountId) continue
      if (covered !== undefined) throw refusal(claim, covered, claimant)
    }
  }

  /** Claims the names in the transaction that queues the job. @throws sites.name_taken, sites.name_taken_elsewhere */
  async claim(trx: Knex.Transaction, claimant: Claimant): Promise<void> {
    const { names, siteId, jobId = null } = claimant
    // The primary key keeps two from one name; a wildcard and a name below it are different keys. One claim after the
    // other sees both. SQLite has one writer anyway.
    if (this.db.dialect === 'postgres') await trx.raw('select pg_advisory_xact_lock(?)', [claimLock])
    await this.check(trx, claimant)
    const rows = names.map(name => ({ name, site_id: siteId, job_id: jobId }))
    await trx('sites_names').insert(rows).onConflict('name').ignore()
    if (jobId)
      await trx('sites_names')
        .whereIn('name', [...names])
        .where({ site_id: siteId })
        .update({ job_id: jobId })
  }

  /** After a job: what the site has now stays, what later jobs of the site claim stays, the rest is free. */
  async settle(trx: Knex.Transaction, siteId: string, jobId: string, current: readonly string[]): Promise<void> {
    await trx('sites_names')
      .where({ site_id: siteId })
      .whereNotIn('name', [...current])
      .where(settled => settled.whereNull('job_id').orWhere('job_id', jobId))
      .delete()
    await trx('sites_names').where({ site_id: siteId, job_id: jobId }).update({ job_id: null })
  }

  async #checkParents(knex: Knex, claimant: Claimant): Promise<void> {
    const { names, siteId, accountId, actor } = claimant
    if (actor.admin) return
    const held: { name: string }[] = await knex('sites_names')
      .select('name')
      .where({ site_id: siteId })
      .whereIn('name', [...names])
    const fresh = names.filter(name => !held.some(each => each.name === name))
    const above = [...new Set(fresh.flatMap(parentsOf))]
    if (above.length === 0) return
    const claim: Claim | undefined = await knex('sites_names as n')
      .join('sites_sites as s', 's.id', 'n.site_id')
      .select('n.name', 'n.site_id', 's.domain', 's.account_id')
      .whereIn('n.name', above)
      .whereNot('s.account_id', accountId)
      .first()
    const name = claim && fresh.find(each => parentsOf(each).includes(claim.name))
    if (claim && name) throw refusal(claim, name, claimant)
  }

  async #overlapping(knex: Knex, names: readonly string[]): Promise<Claim[]> {
    const exact = names.flatMap(name => [name, ...wildcardsOver(name)])
    const query = knex('sites_names as n')
      .join('sites_sites as s', 's.id', 'n.site_id')
      .select('n.name', 'n.site_id', 's.domain', 's.account_id')
      .whereIn('n.name', exact)
    for (const name of names) if (name.startsWith('*.')) query.orWhere('n.name', 'like', `%${name.slice(1)}`)
    return query
  }
}

/** `b.test` for `a.b.test` and `*.b.test`; a bare last label is nobody's. */
function parentsOf(name: string): string[] {
  const labels = name.split('.')
  return labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join('.'))
}

/** `*.b.test`, `*.test` for `a.b.test`. */
function wildcardsOver(name: string): string[] {
  const labels = name.replace(/^\*\./, '').split('.')
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)
}

function refusal(claim: Claim, name: string, { names, actor }: Claimant): Error {
  const index = names.indexOf(name)
  const path = index === 0 ? 'domain' : `aliases.${index - 1}`
  return actor.admin || actor.accounts.includes(claim.account_id)
    ? NameTaken({ name, site: claim.domain, siteId: claim.site_id }, path)
    : NameTakenElsewhere({ name }, path)
}
