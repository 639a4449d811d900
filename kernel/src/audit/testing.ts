import { type Logger, systemActor } from '@nusantara/sdk'
import type { Config } from '../config/config.js'
import { Clock } from '../state/clock.js'
import { insertMany } from '../state/insert-many.js'
import type { State } from '../state/state.js'
import { AuditKey } from './audit-key.js'
import { type AuditFilter, AuditLog } from './audit-log.js'
import { AuditThread } from './audit-thread.js'
import { canonical, entryHash } from './canonical.js'
import { type ChainEntry, chainStart, type EntryRow } from './chain.js'
import { Checkpoints } from './checkpoints.js'
import { addLeaf } from './merkle.js'
import { Sealing } from './sealing.js'
import { AuditVerifier } from './verifier.js'
import { Witnesses } from './witness.js'

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export const actor = systemActor('test')

/** The audit classes on a store, as the container would wire them. */
export function auditParts(state: State, options: Pick<Config, 'home' | 'databaseUrl' | 'audit'>, clock = new Clock()) {
  const config = options as Config
  const key = new AuditKey(config)
  const witnesses = new Witnesses()
  const checkpoints = new Checkpoints(state, clock, key, witnesses, config, silent)
  const thread = new AuditThread(key, config)
  const log = new AuditLog(state, clock, checkpoints, new AuditVerifier(thread, checkpoints, witnesses), thread)
  const sealing = new Sealing(state, clock, key, checkpoints, log, config)
  return { key, witnesses, checkpoints, log, sealing }
}

/** An export, read back. */
export async function exported(log: AuditLog, filter: AuditFilter = {}): Promise<ChainEntry[]> {
  const pieces: string[] = []
  for await (const lines of log.export(filter)) pieces.push(lines)
  const text = pieces.join('')
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as ChainEntry)
}

/** Fills an empty log quickly, without going through {@link AuditLog.record}, with entries that verify. */
export async function fillLog(state: State, count: number, at: (seq: number) => string): Promise<void> {
  let { hash, peaks } = chainStart
  const rows: EntryRow[] = []
  for (let seq = 1; seq <= count; seq++) {
    const columns = { at: at(seq), action: 'test.filled', target: `thing:${seq}`, outcome: 'success' }
    const body = canonical({ seq, ...columns, actor: { kind: 'system', id: 'system:test', name: 'test' } })
    const previous = hash
    hash = entryHash(previous, body)
    peaks = addLeaf(peaks, hash)
    rows.push({ seq, previous, hash, body, actor: 'system:test', ...columns })
  }
  await insertMany(state.knex, 'audit_entries', rows)
  await state.knex('audit_head').update({ seq: count, hash, peaks: JSON.stringify(peaks) })
}

/** Entries about `thing:1` and so on. */
export async function record(log: AuditLog, count: number, action = 'test.act'): Promise<void> {
  for (let index = 1; index <= count; index++) {
    await log.record({ actor, action, target: `thing:${index}`, params: { index }, outcome: 'success' })
  }
}

/** Message of the error that it ends with. */
export async function refusal(run: PromiseLike<unknown>): Promise<string> {
  try {
    await run
  } catch (error) {
    return (error as Error).message
  }
  return 'not refused'
}

const guarded = ['audit_entries', 'audit_segments', 'audit_checkpoints', 'audit_head']

/** What a forger does first: takes the triggers away. */
export async function unguard({ knex, dialect }: State): Promise<void> {
  if (dialect === 'postgres') {
    for (const table of guarded) await knex.raw(`alter table ${table} disable trigger all`)
    return
  }
  const triggers: { name: string }[] = await knex('sqlite_master')
    .where({ type: 'trigger' })
    .whereIn('tbl_name', guarded)
  for (const { name } of triggers) await knex.raw(`drop trigger ${name}`)
}
