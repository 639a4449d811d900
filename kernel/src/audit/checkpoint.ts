import type { AuditHead } from '../broker/protocol.js'
import { canonical } from './canonical.js'
import { signedBy } from './signature.js'

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

/** Whether the checkpoint is signed by the key that it names. Whose key that is, is another question. */
export function isSigned(checkpoint: Checkpoint): boolean {
  return signedBy(checkpoint.publicKey, checkpointText(checkpoint), checkpoint.signature)
}

/** A stored checkpoint that `publicKey` signed; null for anything else. Its shape needs no check: what we signed, we made. */
export function trustedCheckpoint(text: string, publicKey: string): Checkpoint | null {
  try {
    const checkpoint = JSON.parse(text) as Checkpoint
    const ours = checkpoint.format === 'nusantara-audit-checkpoint-1' && checkpoint.publicKey === publicKey
    return ours && isSigned(checkpoint) ? checkpoint : null
  } catch {
    return null
  }
}
