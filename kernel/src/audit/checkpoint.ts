import { Joi, object, type Schema } from '@nusantara/sdk'
import type { AuditHead } from '../broker/protocol.js'
import { canonical } from './canonical.js'

/**
 * What the log was at one moment, signed. Kept in the store, in `<home>/audit-checkpoint.json`, in the panel's own log
 * output, and wherever an administrator copies it: one kept elsewhere is what a later verification can trust.
 */
export interface Checkpoint {
  readonly format: 'nusantara-audit-checkpoint-1'
  /** Entries covered: 1 to `seq`. */
  readonly seq: number
  /** Hash of entry `seq`. */
  readonly hash: string
  /** Root of the Merkle tree over the hashes of all covered entries. */
  readonly root: string
  readonly at: string
  /** Ed25519, SPKI, base64. */
  readonly publicKey: string
  /** Head of the broker's own journal at that moment, when there was a broker. */
  readonly broker?: AuditHead
  /** Ed25519 over the canonical text of everything above, base64. */
  readonly signature: string
}

export type UnsignedCheckpoint = Omit<Checkpoint, 'signature'>

/** The text that is signed. */
export function checkpointText(checkpoint: UnsignedCheckpoint & { readonly signature?: string }): string {
  return canonical({ ...checkpoint, signature: undefined })
}

const hex = Joi.string()
  .pattern(/^[0-9a-f]{64}$/)
  .required()
const base64 = Joi.string().base64().max(512).required()
const count = Joi.number().integer().min(0).required()

export const brokerHeadSchema: Schema<AuditHead> = object<AuditHead>({
  seq: count,
  hash: Joi.string().max(256).required().allow(''),
  root: Joi.string().max(256).required().allow(''),
  signature: Joi.string().max(512).required().allow(''),
  publicKey: Joi.string().max(512).required().allow(''),
  at: Joi.string().max(64).required(),
})

export const checkpointSchema: Schema<Checkpoint> = object<Checkpoint>({
  format: Joi.string().valid('nusantara-audit-checkpoint-1').required(),
  seq: count,
  hash: hex,
  root: hex,
  at: Joi.string().isoDate().required(),
  publicKey: base64,
  broker: brokerHeadSchema.optional(),
  signature: base64,
})
