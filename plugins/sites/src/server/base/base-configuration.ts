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
}

/**
 * The web server's configuration around the sites. Written when it is missing or when this plugin brings another one;
 * what an administrator changed in it by hand and adopted stays.
 */
export class BaseConfiguration {
  #last: Promise<unknown> = Promise.resolve()
  #foundAt = Number.NEGATIVE_INFINITY

  constructor(private readonly context: Pick<PluginContext, 'broker' | 'db' | 'host'>) {}

  /** What would be written; null when it is in force. */
  async plan(call: CallContext): Promise<ChangePlan | null> {
    const plan = await this.context.broker.planChange(this.#request(), call)
    const known = await this.#knownHash()
    const missing = plan.files.some(file => file.action === 'create' || file.action === 'delete')
    const outdated = known !== this.#hash() && plan.files.some(file => file.action !== 'none')
    return missing || outdated ? plan : null
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
    if (performance.now() - this.#foundAt < rememberMs) return null
    const needed = await this.plan(call)
    const result = needed && (await this.#apply(needed, call))
    if (needed) await this.#remember()
    this.#foundAt = performance.now()
    return result
  }

  async #apply(plan: ChangePlan, { discardEdits = false, ...call }: Ensure): Promise<ChangeResult> {
    const { broker } = this.context
    if (discardEdits)
      return broker.applyChange({ ...this.#request(), onDrift: 'discard' }, { ...call, expectHash: plan.hash })
    const path = inTheWay(plan)
    if (path !== undefined) throw DefaultSiteEdited({ path })
    return broker.applyChange(this.#request(), call)
  }

  #request(): ChangeRequest {
    return { change: 'base', files: baseFiles[this.context.host.profile]() }
  }

  #hash(): string {
    return createHash('sha256').update(JSON.stringify(this.#request())).digest('hex')
  }

  async #knownHash(): Promise<string | undefined> {
    const row: { hash: string } | undefined = await this.context.db.knex('sites_base').where({ name: 'base' }).first()
    return row?.hash
  }

  async #remember(): Promise<void> {
    const row = { name: 'base', hash: this.#hash(), applied_at: new Date().toISOString() }
    await this.context.db.knex('sites_base').insert(row).onConflict('name').merge()
  }
}

/**
 * The distribution's default site, where it would have to go and is somebody's: edited, or led elsewhere. As it came with
 * its package it counts as nobody's and goes as the plan shows it.
 */
export function inTheWay({ files }: Pick<ChangePlan, 'files'>): string | undefined {
  return files.find(({ action, drift }) => action === 'delete' && drift)?.path
}
