import { type CallContext, type ChangeResult, newId, type Page } from '@nusantara/sdk'
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

export interface ChangeFilter {
  readonly plugin?: string
  readonly tenant?: string
  readonly job?: string
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
  ): Promise<Page<ChangeRow>> {
    const query = this.state
      .knex<ChangeRow>('changes')
      .orderBy('id', 'desc')
      .limit(limit + 1)
    if (filter.plugin) query.where({ plugin: filter.plugin })
    if (filter.tenant) query.where({ tenant: filter.tenant })
    if (filter.job) query.where({ job_id: filter.job })
    if (cursor) query.where('id', '<', cursor)
    const rows = (await query) as ChangeRow[]
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    return rows.length > limit && last ? { items, nextCursor: last.id } : { items }
  }

  /** @throws ChangeNotFound */
  async get(id: string): Promise<ChangeRow> {
    const row = await this.state.knex<ChangeRow>('changes').where({ id }).first()
    if (!row) throw ChangeNotFound({ id })
    return row as ChangeRow
  }

  /** Keeps what the broker said about the files, and the state it is in now. */
  async describe(id: string, state: string, files: readonly ChangedFile[]): Promise<void> {
    await this.state
      .knex('changes')
      .where({ id })
      .update({ state, files: JSON.stringify(files) })
  }
}
