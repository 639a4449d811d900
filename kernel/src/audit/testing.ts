import type { Logger } from '@nusantara/sdk'
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
