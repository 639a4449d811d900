import {
  type Actor,
  type Knex,
  kernelHooks,
  type Notice,
  type NotificationInput,
  newId,
  type Page,
  systemActor,
} from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Hooks } from '../hooks/hooks.js'
import { Live } from '../http/live.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { NotificationUnknown } from './errors.js'

export interface InboxItem {
  readonly id: string
  readonly plugin: string
  /** Catalogue key of the plugin. */
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
  readonly severity: NotificationInput['severity']
  readonly createdAt: string
  readonly updatedAt: string
  readonly read: boolean
  /** Path of the shell's page about it. */
  readonly link?: string
}

export interface InboxFilter {
  readonly unread?: boolean
  readonly severity?: NotificationInput['severity']
}

interface Row {
  readonly id: string
  readonly plugin: string
  readonly code: string
  readonly params: string
  readonly severity: NotificationInput['severity']
  readonly created_at: string
  readonly updated_at: string
  readonly read_at: string | null
  readonly link: string | null
}

/** One inbox for everything that plugins and the kernel have to say. */
@scoped(Lifecycle.ContainerScoped)
export class Notifications {
  constructor(
    private readonly state: State,
    private readonly hooks: Hooks,
    private readonly live: Live,
    private readonly clock: Clock,
  ) {}

  /** Stores it, tells whoever listens, then the channels. A second one with the same key updates the first and is unread again. */
  async notify(plugin: string, input: NotificationInput): Promise<void> {
    const at = this.clock.now().toISOString()
    const id = await this.state.transaction(trx => this.#store(trx, plugin, input, at))
    const notice: Notice = { ...input, id, plugin, at }
    const topic = typeof input.target === 'object' && 'user' in input.target ? `:${input.target.user}` : ''
    this.live.publish(`notifications${topic}`, { id })
    const signal = AbortSignal.timeout(60_000)
    await this.hooks.call(kernelHooks.notifications.channels, { actor: systemActor(plugin), signal }, notice)
  }

  /** Newest first, and how many match: what is for the actor, its accounts, and for administrators when it is one. */
  async list(
    actor: Actor,
    options: InboxFilter & { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<InboxItem>> {
    const query = this.#matching(actor, options)
      .select('n.*', 'r.read_at')
      .orderBy('n.id', 'desc')
      .limit(options.limit + 1)
    if (options.cursor) query.where('n.id', '<', options.cursor)
    const rows: Row[] = await query
    const total = await this.#count(actor, options)
    const items = rows.slice(0, options.limit).map(toItem)
    const nextCursor = rows.length > options.limit ? items.at(-1)?.id : undefined
    return { items, total, ...(nextCursor !== undefined && { nextCursor }) }
  }

  /** How many the actor has not read. */
  unread(actor: Actor): Promise<number> {
    return this.#count(actor, { unread: true })
  }

  /** @throws NotificationUnknown when it is not there or not the actor's */
  async markRead(actor: Actor, id: string): Promise<void> {
    const found = await this.#visible(actor).where('n.id', id).first('n.id')
    if (!found) throw NotificationUnknown({ id })
    await this.#read(actor, [id])
  }

  async markAllRead(actor: Actor): Promise<void> {
    const rows: { id: string }[] = await this.#visible(actor).select('n.id')
    await this.#read(
      actor,
      rows.map(row => row.id),
    )
  }

  /**
   * Drops what was last told before `read` and read by somebody since, and everything last told before `unread`. Answers
   * how many.
   */
  async prune(read: Date, unread: Date): Promise<number> {
    const { knex } = this.state
    let dropped = 0
    for (;;) {
      const rows: { id: string }[] = await knex('notifications as n')
        .where('n.updated_at', '<', read.toISOString())
        .where(gone =>
          gone
            .where('n.updated_at', '<', unread.toISOString())
            .orWhereIn('n.id', knex('notification_reads').select('notification_id')),
        )
        .limit(200)
        .select('n.id')
      if (rows.length === 0) return dropped
      dropped += await knex('notifications')
        .whereIn(
          'id',
          rows.map(row => row.id),
        )
        .where('updated_at', '<', read.toISOString())
        .delete()
    }
  }

  async #read(actor: Actor, ids: readonly string[]): Promise<void> {
    const read_at = this.clock.now().toISOString()
    for (let from = 0; from < ids.length; from += 200) {
      const rows = ids.slice(from, from + 200).map(id => ({ notification_id: id, reader: reader(actor), read_at }))
      await this.state.knex('notification_reads').insert(rows).onConflict(['notification_id', 'reader']).ignore()
    }
  }

  async #store(trx: Knex.Transaction, plugin: string, input: NotificationInput, at: string): Promise<string> {
    const [target_kind, target_id] = targetOf(input.target)
    const fresh = {
      code: input.code,
      params: JSON.stringify(input.params ?? {}),
      severity: input.severity,
      updated_at: at,
      link: input.link ?? null,
    }
    const row = {
      id: newId(),
      plugin,
      target_kind,
      target_id,
      dedupe_key: input.dedupeKey ?? null,
      created_at: at,
      ...fresh,
    }
    const [stored] = await trx('notifications')
      .insert(row)
      .onConflict(['plugin', 'target_kind', 'target_id', 'dedupe_key'])
      .merge(fresh)
      .returning('id')
    await trx('notification_reads').where({ notification_id: stored.id }).delete()
    return stored.id
  }

  async #count(actor: Actor, filter: InboxFilter): Promise<number> {
    const [counted]: { total: number | string }[] = await this.#matching(actor, filter).count({ total: 'n.id' })
    return Number(counted?.total ?? 0)
  }

  #matching(actor: Actor, { unread, severity }: InboxFilter): Knex.QueryBuilder {
    const query = this.#visible(actor).leftJoin('notification_reads as r', join => {
      join.on('r.notification_id', 'n.id').andOnVal('r.reader', reader(actor))
    })
    if (unread) query.whereNull('r.read_at')
    if (severity) query.where('n.severity', severity)
    return query
  }

  #visible(actor: Actor): Knex.QueryBuilder {
    const user = actor.userId ?? actor.id
    return this.state.knex('notifications as n').where(any => {
      any.where({ 'n.target_kind': 'user', 'n.target_id': user })
      if (actor.accounts.length > 0)
        any.orWhere(w => w.where('n.target_kind', 'account').whereIn('n.target_id', actor.accounts))
      if (actor.admin) any.orWhere({ 'n.target_kind': 'administrators' })
    })
  }
}

function targetOf(target: NotificationInput['target']): readonly [kind: string, id: string] {
  if (target === 'administrators') return ['administrators', '']
  return 'user' in target ? ['user', target.user] : ['account', target.account]
}

/** Reading is a person's, whichever way they came. */
function reader(actor: Actor): string {
  return actor.userId ?? actor.id
}

function toItem(row: Row): InboxItem {
  return {
    id: row.id,
    plugin: row.plugin,
    code: row.code,
    params: JSON.parse(row.params) as Record<string, unknown>,
    severity: row.severity,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    read: row.read_at !== null,
    ...(row.link !== null && { link: row.link }),
  }
}
