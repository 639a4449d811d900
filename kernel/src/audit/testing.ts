import type { Logger } from '@nusantara/sdk'
import type { Config } from '../config/config.js'
import { Clock } from '../state/clock.js'
import type { State } from '../state/state.js'
import { AuditKey } from './audit-key.js'
import { AuditLog } from './audit-log.js'
import { Checkpoints } from './checkpoints.js'
import { AuditVerifier } from './verifier.js'
import { Witnesses } from './witness.js'

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** The audit classes on a store, as the container would wire them. */
export function auditParts(state: State, home: string, clock = new Clock()) {
  const config = { home } as Config
  const key = new AuditKey(config)
  const witnesses = new Witnesses()
  const checkpoints = new Checkpoints(state, clock, key, witnesses, config, silent)
  const log = new AuditLog(state, clock, checkpoints, new AuditVerifier(state, key, checkpoints, witnesses))
  return { key, witnesses, checkpoints, log }
}
