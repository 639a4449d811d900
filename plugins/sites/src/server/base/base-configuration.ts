import { createHash } from 'node:crypto'
import type { CallContext, ChangePlan, ChangeRequest, ChangeResult, PluginContext } from '@nusantara/sdk'
import { DefaultSiteEdited } from '../errors.js'
import { baseFiles } from './base-trees.js'

const rememberMs = 10_000

type Ensure = CallContext & {
  readonly changeId: string
  readonly attempt: number
  /** Overwrite and remove what somebody edited by hand; it is kept with the change. */
  readonly discardEdits?: boolean
  /** A site is about to answer over TLS: from now on the listener for it is part of the configuration. */
  readonly secure?: boolean
}

/** What stands in `sites_base` once a site answered over TLS. */
const secureMark = 'tls'

/**
 * The web server's configuration around the sites. Written when it is missing or when this plugin brings another one;
 * what an administrator changed in it by hand and adopted stays.
 */
export class BaseConfiguration {
  #last: Promise<unknown> = Promise.resolve()
  #foundAt = Number.NEGATIVE_INFINITY
  #found = ''

  constructor(private readonly context: Pick<PluginContext, 'broker' | 'db' | 'host'>) {}

  /** What would be written; null when it is in force. */
  async plan(call: CallContext & Pick<Ensure, 'secure'>): Promise<ChangePlan | null> {
    return (await this.#needed(call, await this.#request(call.secure)))?.plan ?? null
  }

  async #needed(call: CallContext, request: ChangeRequest): Promise<Needed | null> {
    const plan = await this.context.broker.planChange(request, call)
    const known = await this.#marked('base')
    const missing = plan.files.some(file => file.action === 'create' || file.action === 'delete')
    const outdated = known !== hashOf(request) && plan.files.some(file => file.action !== 'none')
    return missing || outdated ? { plan, request } : null
  }

  /**
   * Writes it if needed; what was edited by hand stays unless told otherwise. Jobs that come together wait for the first one; they look again only after some seconds, since
   * a hundred sites made at once need not ask a hundred times.
   *
   * @throws sites.default_site_edited, drift, and what a change throws
   */
  ensure(call: Ensure): Promise<ChangeResult | null> {
    const turn = this.#last.then(() => this.#ensure(call))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #ensure(call: Ensure): Promise<ChangeResult | null> {
    const request = await this.#request(call.secure)
    const hash = hashOf(request)
    if (performance.now() - this.#foundAt < rememberMs && this.#found === hash) return null
    const needed = await this.#needed(call, request)
    const result = needed && (await this.#apply(needed, call))
    if (needed) await this.#mark('base', hash)
    if (call.secure) await this.#mark(secureMark, '')
    this.#foundAt = performance.now()
    this.#found = hash
    return result
  }

  async #apply({ plan, request }: Needed, { discardEdits = false, secure: _, ...call }: Ensure): Promise<ChangeResult> {
    const { broker } = this.context
    if (discardEdits) return broker.applyChange({ ...request, onDrift: 'discard' }, { ...call, expectHash: plan.hash })
    const path = inTheWay(plan)
    if (path !== undefined) throw DefaultSiteEdited({ path })
    return broker.applyChange(request, call)
  }

  async #request(secure = false): Promise<ChangeRequest> {
    const withTls = secure || (await this.#marked(secureMark)) !== undefined
    return { change: 'base', files: baseFiles(this.context.host.profile, withTls) }
  }

  async #marked(name: string): Promise<string | undefined> {
    const row: { hash: string } | undefined = await this.context.db.knex('sites_base').where({ name }).first()
    return row?.hash
  }

  async #mark(name: string, hash: string): Promise<void> {
    const row = { name, hash, applied_at: new Date().toISOString() }
    await this.context.db.knex('sites_base').insert(row).onConflict('name').merge()
  }
}

interface Needed {
  readonly plan: ChangePlan
  readonly request: ChangeRequest
}

function hashOf(request: ChangeRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex')
}

/**
 * The distribution's default site, where it would have to go and is somebody's: edited, or led elsewhere. As it came with
 * its package it counts as nobody's and goes as the plan shows it.
 */
export function inTheWay({ files }: Pick<ChangePlan, 'files'>): string | undefined {
  return files.find(({ action, drift }) => action === 'delete' && drift)?.path
}
