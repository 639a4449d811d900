import { Joi, object, type Schema } from '@nusantara/sdk'
import type { AuditHead } from '../broker/protocol.js'
import type { Checkpoint } from './checkpoint.js'

const hex = Joi.string()
  .pattern(/^[0-9a-f]{64}$/)
  .required()
const base64 = Joi.string().base64().max(512).required()
const count = Joi.number().integer().min(0).required()

const brokerHead: Schema<AuditHead> = object<AuditHead>({
  seq: count,
  hash: Joi.string().max(256).required().allow(''),
  root: Joi.string().max(256).required().allow(''),
  signature: Joi.string().max(512).required().allow(''),
  publicKey: Joi.string().max(512).required().allow(''),
  at: Joi.string().max(64).required(),
})

/** A checkpoint from outside the store: a file, or a request. */
export const checkpointSchema: Schema<Checkpoint> = object<Checkpoint>({
  format: Joi.string().valid('nusantara-audit-checkpoint-1').required(),
  seq: count,
  hash: hex,
  root: hex,
  // Kept as it was written: the signature covers the text.
  at: Joi.string().isoDate().raw().required(),
  publicKey: base64,
  broker: brokerHead.optional(),
  signature: base64,
})
