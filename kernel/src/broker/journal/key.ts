import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeStateFile } from '../state-file.js'

/** What a signature speaks for: so many entries, ending in this one, hash to this root. */
export interface SignedHead {
  readonly seq: number
  readonly hash: string
  readonly root: string
  readonly at: string
}

const text = ({ seq, hash, root, at }: SignedHead) =>
  Buffer.from(`nusantara journal head\n${seq}\n${hash}\n${root}\n${at}\n`)

/** The broker's Ed25519 key (RFC 8032), made on first use, readable by the broker alone. */
export class JournalKey {
  readonly #private: KeyObject
  /** Raw public key, base64. */
  readonly publicKey: string

  constructor(file: string) {
    this.#private = createPrivateKey(readOrMake(file))
    this.publicKey = createPublicKey(this.#private).export({ type: 'spki', format: 'der' }).toString('base64')
  }

  sign(head: SignedHead): string {
    return sign(null, text(head), this.#private).toString('base64')
  }
}

/** Whether the signature over the head was made by the key. Malformed keys and signatures are simply not valid. */
export function headIsSigned(head: SignedHead, signature: string, publicKey: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' })
    return key.asymmetricKeyType === 'ed25519' && verify(null, text(head), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

function readOrMake(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeStateFile(file, pem)
  return pem.toString()
}
