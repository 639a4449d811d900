import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { SealBroken } from './errors.js'
import { randomKeyFile } from './key-file.js'

const version = 'v1'
const ivBytes = 12
const tagBytes = 16

/** Encrypts what the store keeps secret: AES-256-GCM under the key in `<home>/secret-key`, part of the recovery kit. */
@scoped(Lifecycle.ContainerScoped)
export class Sealer {
  readonly #path: string
  #key?: Buffer

  constructor(@inject(CONFIG) config: Config) {
    this.#path = join(config.home, 'secret-key')
  }

  /** @param purpose what the value is and whose, `totp:<user id>`; it opens for no other */
  seal(value: string, purpose: string): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#load(), iv).setAAD(Buffer.from(purpose))
    const sealed = Buffer.concat([iv, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `${version}.${sealed.toString('base64url')}`
  }

  /** @throws SealBroken */
  open(sealed: string, purpose: string): string {
    try {
      const [form, text = ''] = sealed.split('.')
      const bytes = Buffer.from(text, 'base64url')
      if (form !== version || bytes.length < ivBytes + tagBytes) throw new Error('not a sealed value')
      const decipher = createDecipheriv('aes-256-gcm', this.#load(), bytes.subarray(0, ivBytes))
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(-tagBytes))
      return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
    } catch (error) {
      throw SealBroken({ purpose }, { cause: error })
    }
  }

  #load(): Buffer {
    this.#key ??= randomKeyFile(this.#path)
    return this.#key
  }
}
