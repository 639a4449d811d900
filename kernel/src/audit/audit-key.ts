import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { join } from 'node:path'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { keyFile } from '../auth/key-file.js'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'

/** The Ed25519 key that signs checkpoints of the audit log, in `<home>/audit-key`. */
@scoped(Lifecycle.ContainerScoped)
export class AuditKey {
  readonly #private: KeyObject
  readonly #public: KeyObject
  /** SPKI, DER, base64. */
  readonly publicKey: string

  constructor(@inject(CONFIG) config: Config) {
    this.#private = createPrivateKey(keyFile(join(config.home, 'audit-key'), newKey))
    this.#public = createPublicKey(this.#private)
    this.publicKey = this.#public.export({ type: 'spki', format: 'der' }).toString('base64')
  }

  sign(text: string): string {
    return signBytes(null, Buffer.from(text), this.#private).toString('base64')
  }

  signed(text: string, signature: string): boolean {
    return verifyBytes(null, Buffer.from(text), this.#public, Buffer.from(signature, 'base64'))
  }
}

function newKey(): Buffer {
  return Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
}
