import type { Actor, Knex, Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { whereBelow } from '../state/below.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { AuditThread } from './audit-thread.js'
import { canonical, entryHash } from './canonical.js'
import type { Checkpoint } from './checkpoint.js'
import { Checkpoints } from './checkpoints.js'
import { addLeaf, type Peak } from './merkle.js'
import { redact } from './redact.js'
import { type AuditReport, AuditVerifier } from './verifier.js'

export interface AuditEntry {
  readonly actor: Actor
  /** `<area>.<verb>`, the operation's name where there is one. */
  readonly action: string
  readonly target?: string
  readonly params?: unknown
  readonly outcome: 'success' | 'failure' | 'refused'
  readonly requestId?: string
}

/** An entry as it is stored. */
export interface AuditRecord {
  readonly seq: number
  readonly at: string
  readonly actor: {
    readonly kind: Actor['kind']
    readonly id: string
    readonly userId?: string
    readonly name: string
    readonly assurance: Actor['assurance']
    readonly address?: string
  }
  readonly action: string
  readonly target?: string
  readonly params?: unknown
  readonly outcome: AuditEntry['outcome']
  readonly requestId?: string
}

export interface AuditFilter {
  /** Id of the actor; or a name: of a user, whose tokens belong to it, `user/token`, a plugin, or `root`. */
  readonly actor?: string
  /** Also those below it: `jobs` is `jobs.cancel`, too. */
  readonly action?: string
  readonly target?: string
  readonly outcome?: AuditEntry['outcome']
  /** ISO-8601, inclusive. */
  readonly since?: string
  readonly until?: string
}

interface HeadRow {
  readonly seq: number | string
  readonly hash: string
  readonly peaks: string
}

type Listener = (record: AuditRecord) => void

/** The tamper-evident record of what was done: each entry's hash covers the one before. */
@scoped(Lifecycle.ContainerScoped)
export class AuditLog {
  readonly #listeners = new Set<Listener>()

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly checkpoints: Checkpoints,
    private readonly verifier: AuditVerifier,
    private readonly thread: AuditThread,
  ) {}

  /**
   * Adds an entry as the last statement of the caller's transaction. The head row is locked from here to the commit, so
   * entries get their place one after another; what fails to be recorded fails as a whole.
   */
  async append(trx: Knex.Transaction, entry: AuditEntry): Promise<void> {
    const [head] = (await trx('audit_head').increment('seq', 1).returning(['seq', 'hash', 'peaks'])) as HeadRow[]
    if (!head) throw new Error('the audit log has no head row')
    const seq = Number(head.seq)
    const record = this.#record(seq, entry)
    const body = canonical(record)
    const hash = entryHash(head.hash, body)
    const peaks = JSON.stringify(addLeaf(JSON.parse(head.peaks) as Peak[], hash))
    await trx('audit_entries').insert({
      seq,
      previous: head.hash,
      hash,
      body,
      at: record.at,
      actor: record.actor.id,
      action: record.action,
      target: record.target ?? null,
      outcome: record.outcome,
    })
    await trx('audit_head').update({ hash, peaks })
    trx.executionPromise?.then(
      () => this.#recorded(record),
      () => undefined,
    )
  }

  /** Adds an entry in a transaction of its own. Never from inside another transaction. */
  async record(entry: AuditEntry): Promise<void> {
    await this.state.transaction(trx => this.append(trx, entry))
  }

  /** Called with each entry after its commit. Answers how to stop it. */
  onRecorded(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Newest first, of what is in the table: sealed entries are in their segments. `cursor` is the sequence number of the last entry of the page before. */
  async list(
    filter: AuditFilter,
    options: { readonly limit: number; readonly cursor?: number },
  ): Promise<Page<AuditRecord & { hash: string }>> {
    const query = this.#filtered(filter)
      .orderBy('seq', 'desc')
      .limit(options.limit + 1)
    if (options.cursor !== undefined) query.where('seq', '<', options.cursor)
    const rows: { seq: number; body: string; hash: string }[] = await query
    const items = rows
      .slice(0, options.limit)
      .map(row => ({ ...(JSON.parse(row.body) as AuditRecord), hash: row.hash }))
    const last = items.at(-1)
    return rows.length > options.limit && last ? { items, nextCursor: String(last.seq) } : { items }
  }

  /**
   * Oldest first, sealed segments included, one JSON text with line end an entry: previous, hash, and the stored text
   * itself in `body`. In pieces of whole lines.
   */
  export(filter: AuditFilter = {}): AsyncGenerator<string, void> {
    return this.thread.export(filter)
  }

  /** @param checkpoint one kept elsewhere, to compare with */
  verify(checkpoint?: Checkpoint): Promise<AuditReport> {
    return this.verifier.verify(checkpoint)
  }

  /** Signs the present head now; null when the log is empty. */
  checkpoint(): Promise<Checkpoint | null> {
    return this.checkpoints.sign()
  }

  #filtered(filter: AuditFilter): Knex.QueryBuilder {
    const query = this.state.knex('audit_entries').select('seq', 'hash', 'body')
    if (filter.actor !== undefined) this.#byActor(query, filter.actor)
    if (filter.action !== undefined) whereBelow(query, 'action', filter.action)
    for (const column of ['target', 'outcome'] as const) {
      const value = filter[column]
      if (value !== undefined) query.where(column, value)
    }
    if (filter.since !== undefined) query.where('at', '>=', filter.since)
    if (filter.until !== undefined) query.where('at', '<=', filter.until)
    return query
  }

  /** By the ids that the name stands for today, which the index finds; of who is gone only the id is left. */
  #byActor(query: Knex.QueryBuilder, actor: string): void {
    const { knex } = this.state
    const [user = '', token] = actor.toLowerCase().split('/')
    const person = () => knex('users').where('username_key', user).select('id')
    const tokens = knex('api_tokens').whereIn('user_id', person()).select('id')
    if (token !== undefined) tokens.whereRaw('lower(name) = ?', [token])
    query.where(any => {
      any.whereIn('actor', [actor, `system:${actor}`, ...(actor === 'root' ? ['cli'] : [])]).orWhereIn('actor', tokens)
      if (token === undefined) any.orWhereIn('actor', person())
    })
  }

  #record(seq: number, entry: AuditEntry): AuditRecord {
    const { kind, id, userId, name, assurance, address } = entry.actor
    return {
      seq,
      at: this.clock.now().toISOString(),
      actor: { kind, id, userId, name, assurance, address },
      action: entry.action,
      target: entry.target,
      params: redact(entry.params),
      outcome: entry.outcome,
      requestId: entry.requestId,
    }
  }

  #recorded(record: AuditRecord): void {
    this.checkpoints.recorded()
    for (const listener of this.#listeners) {
      try {
        listener(record)
      } catch {
        // A listener's failure must not look like a failure of what was recorded; blame is the listener's owner's work.
      }
    }
  }
}
