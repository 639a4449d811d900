import { type CallContext, type ChangeResult, type Knex, newId, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { ChangeNotFound } from './errors.js'

export interface ChangedFile {
  readonly path: string
  readonly action: 'create' | 'modify' | 'delete' | 'none'
  /** Unified diff; '' when the contents are no longer kept; a sentence with hashes for secret files. */
  readonly diff: string
}

export interface ChangeRow {
  readonly id: string
  readonly change_id: string
  readonly plugin: string
  readonly change: string
  readonly tenant: string | null
  readonly state: string
  readonly revision: string | null
  readonly batch: number
  readonly files: string | null
  readonly job_id: string | null
  readonly actor: string
  readonly at: string
  readonly reverts: string | null
}

/** With what its job is called and by which operation it came, while the job is kept. */
export interface ExplainedChange extends ChangeRow {
  readonly job_title: string | null
  readonly job_operation: string | null
}

export interface ChangeFilter {
  readonly plugin?: string
  readonly tenant?: string
  readonly job?: string
  readonly state?: string
}

interface Applied {
  readonly plugin: string
  readonly change: string
  readonly tenant?: string
  readonly result: ChangeResult
  readonly context: CallContext
  /** The broker's id of the change that this one took back. */
  readonly reverts?: string
}

/** The history of configuration: one row for each change that was applied, by whom and why. */
@scoped(Lifecycle.ContainerScoped)
export class ChangeLog {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  /** Records an applied change. Asked again for the same change, brings its state in line. */
  async record({ plugin, change, tenant, result, context: { actor, jobId }, reverts }: Applied): Promise<void> {
    const { changeId, state, revision, batch } = result
    const row: Omit<ChangeRow, 'files'> = {
      id: newId(),
      change_id: changeId,
      plugin,
      change,
      tenant: tenant ?? null,
      state,
      revision: revision ?? null,
      batch,
      job_id: jobId ?? null,
      actor: JSON.stringify({ kind: actor.kind, id: actor.id, name: actor.name }),
      at: this.clock.now().toISOString(),
      reverts: reverts ?? null,
    }
    await this.state.transaction(async trx => {
      await trx('changes').insert(row).onConflict('change_id').merge(['state', 'revision', 'batch'])
      if (reverts !== undefined) await trx('changes').where({ change_id: reverts }).update({ state: 'reverted' })
    })
  }

  /** Newest first. `cursor` is the id of the last change of the page before. */
  async list(
    filter: ChangeFilter,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ExplainedChange>> {
    const query = this.#explained()
      .orderBy('c.id', 'desc')
      .limit(limit + 1)
    if (filter.plugin) query.where({ 'c.plugin': filter.plugin })
    if (filter.tenant) query.where({ 'c.tenant': filter.tenant })
    if (filter.job) query.where({ 'c.job_id': filter.job })
    if (filter.state) query.where({ 'c.state': filter.state })
    if (cursor) query.where('c.id', '<', cursor)
    const rows: ExplainedChange[] = await query
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    return rows.length > limit && last ? { items, nextCursor: last.id } : { items }
  }

  /** @throws ChangeNotFound */
  async get(id: string): Promise<ExplainedChange> {
    const row: ExplainedChange | undefined = await this.#explained().where({ 'c.id': id }).first()
    if (!row) throw ChangeNotFound({ id })
    return row
  }

  /** The change that took another one back, by the broker's id of that one. */
  async reversalOf(changeId: string): Promise<string | null> {
    const row = await this.state
      .knex<ChangeRow>('changes')
      .where({ reverts: changeId })
      .orderBy('id', 'desc')
      .first('id')
    return row?.id ?? null
  }

  /** The row of a change, by the broker's id. */
  async idOf(changeId: string): Promise<string | null> {
    const row = await this.state.knex<ChangeRow>('changes').where({ change_id: changeId }).first('id')
    return row?.id ?? null
  }

  /** Keeps what the broker said about the files, and the state it is in now. */
  async describe(id: string, state: string, files: readonly ChangedFile[]): Promise<void> {
    await this.state
      .knex('changes')
      .where({ id })
      .update({ state, files: JSON.stringify(files) })
  }

  #explained(): Knex.QueryBuilder {
    return this.state
      .knex('changes as c')
      .leftJoin('jobs as j', 'j.id', 'c.job_id')
      .select('c.*', 'j.title as job_title', 'j.operation as job_operation')
  }
}
