import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { join } from 'node:path'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { keyFile } from '../auth/key-file.js'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'

/** The Ed25519 key that signs checkpoints and sealed segments of the audit log, in `<home>/audit-key`. */
@scoped(Lifecycle.ContainerScoped)
export class AuditKey {
  readonly #private: KeyObject
  /** SPKI, DER, base64. */
  readonly publicKey: string

  constructor(@inject(CONFIG) config: Config) {
    this.#private = createPrivateKey(keyFile(join(config.home, 'audit-key'), newKey))
    this.publicKey = createPublicKey(this.#private).export({ type: 'spki', format: 'der' }).toString('base64')
  }

  /** @returns base64 */
  sign(text: string): string {
    return signBytes(null, Buffer.from(text), this.#private).toString('base64')
  }
}

function newKey(): Buffer {
  return Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
}
