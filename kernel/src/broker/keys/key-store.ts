import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import type { KeyAlgorithm, KeyInfo } from '@nusantara/sdk'
import { KeyExists, KeyNotExportable, KeyUnknown, KeyUnsuitable } from '../errors.js'
import { boolean, line, object, string } from '../schema.js'
import { readStateFile, removeStateFile, syncDirectory, writeStateFile } from '../state-file.js'

/** Names keys, and the files that hold them. */
export const keyName = string({ max: 40, pattern: /^[a-z0-9]+$/, says: 'must be lower-case letters and digits' })

export const keyAlgorithms = [
  'ec256',
  'ec384',
  'rsa2048',
  'rsa3072',
  'rsa4096',
] as const satisfies readonly KeyAlgorithm[]

const generate = promisify(generateKeyPair)
const curves: Readonly<Record<string, KeyAlgorithm>> = { prime256v1: 'ec256', secp384r1: 'ec384' }
const check = object({
  key: keyName,
  algorithm: line({ max: 8 }),
  spki: line({ max: 64 }),
  publicKey: line({ max: 2000 }),
  exportable: boolean,
  createdAt: line({ max: 32 }),
})

/**
 * Private keys of tenants: in a directory of root's own, one PEM file each, mode 0600. A key that is there never changes;
 * the description is written after it, so that what is described is whole.
 */
export class KeyStore {
  /** Creations of one key wait for each other. */
  readonly #turns = new Map<string, Promise<KeyInfo>>()

  constructor(
    private readonly directory: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** @throws key_exists when there is another one of that name */
  async create(tenant: string, key: string, algorithm: KeyAlgorithm, exportable: boolean): Promise<KeyInfo> {
    const turn = `${tenant}/${key}`
    const running = this.#turns.get(turn)
    if (running) await running.catch(() => {})
    const known = this.find(tenant, key)
    if (known) {
      if (known.algorithm !== algorithm || known.exportable !== exportable) throw KeyExists({ tenant, key })
      return known
    }
    const made = generatePair(algorithm).then(pair => this.#keep(tenant, key, pair, exportable))
    this.#turns.set(turn, made)
    return made.finally(() => this.#turns.delete(turn))
  }

  /** @throws key_unsuitable, key_exists */
  import(tenant: string, key: string, pem: string, permitted: readonly KeyAlgorithm[]): KeyInfo {
    const brought = privateKeyOf(pem)
    const algorithm = algorithmOf(brought)
    if (!algorithm || !permitted.includes(algorithm))
      throw KeyUnsuitable({ reason: `is not of a kind that may be used; those are ${permitted.join(', ')}` })
    const known = this.find(tenant, key)
    if (!known) return this.#keep(tenant, key, brought, true)
    if (known.spki !== spkiOf(brought).hash) throw KeyExists({ tenant, key })
    return known
  }

  /** @throws key_unknown, key_not_exportable */
  export(tenant: string, key: string): string {
    if (!this.require(tenant, key).exportable) throw KeyNotExportable({ key })
    return this.pem(tenant, key)
  }

  remove(tenant: string, key: string): void {
    // Also what is left of a key that was half made, or half removed, when the power failed.
    if (!existsSync(`${this.directory}/${tenant}`)) return
    removeStateFile(this.#file(tenant, key, 'json'))
    removeStateFile(this.#file(tenant, key, 'pem'))
  }

  /** What a tenant that is gone leaves. */
  removeAll(tenant: string): void {
    rmSync(`${this.directory}/${tenant}`, { recursive: true, force: true })
  }

  list(tenant: string): readonly KeyInfo[] {
    let names: string[]
    try {
      names = readdirSync(`${this.directory}/${tenant}`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
    return names
      .filter(name => name.endsWith('.json'))
      .sort()
      .map(name => this.require(tenant, name.slice(0, -'.json'.length)))
  }

  find(tenant: string, key: string): KeyInfo | undefined {
    const file = this.#file(tenant, key, 'json')
    const found = readStateFile(file)
    return found === undefined ? undefined : (check(found, file) as KeyInfo)
  }

  /** @throws key_unknown */
  require(tenant: string, key: string): KeyInfo {
    const found = this.find(tenant, key)
    if (!found) throw KeyUnknown({ tenant, key })
    return found
  }

  /** PKCS#8. */
  pem(tenant: string, key: string): string {
    return readFileSync(this.#file(tenant, key, 'pem'), 'utf8')
  }

  /** Where a program of root's reads it. */
  path(tenant: string, key: string): string {
    return this.#file(tenant, key, 'pem')
  }

  #keep(tenant: string, key: string, pair: KeyObject, exportable: boolean): KeyInfo {
    const directory = `${this.directory}/${tenant}`
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    syncDirectory(this.directory)
    writeStateFile(this.#file(tenant, key, 'pem'), pair.export({ type: 'pkcs8', format: 'pem' }) as string)
    const { der, hash } = spkiOf(pair)
    const info: KeyInfo = {
      key,
      algorithm: algorithmOf(pair) as KeyAlgorithm,
      spki: hash,
      publicKey: der.toString('base64'),
      exportable,
      createdAt: this.now().toISOString(),
    }
    writeStateFile(this.#file(tenant, key, 'json'), info)
    return info
  }

  #file(tenant: string, key: string, kind: 'pem' | 'json'): string {
    return `${this.directory}/${tenant}/${keyName(key, 'key')}.${kind}`
  }
}

async function generatePair(algorithm: KeyAlgorithm): Promise<KeyObject> {
  const { privateKey } = algorithm.startsWith('rsa')
    ? await generate('rsa', { modulusLength: Number(algorithm.slice('rsa'.length)) })
    : await generate('ec', { namedCurve: algorithm === 'ec384' ? 'secp384r1' : 'prime256v1' })
  return privateKey
}

function privateKeyOf(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw KeyUnsuitable({ reason: 'is encrypted; bring it without a passphrase' })
  try {
    return createPrivateKey(pem)
  } catch (error) {
    // What OpenSSL says names no part of the key.
    throw KeyUnsuitable({
      reason: `is no private key in PEM (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`,
    })
  }
}

function algorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'ec') return curves[details?.namedCurve ?? '']
  return type === 'rsa' && [2048, 3072, 4096].includes(details?.modulusLength ?? 0)
    ? (`rsa${details?.modulusLength}` as KeyAlgorithm)
    : undefined
}

export function spkiOf(key: KeyObject): { readonly der: Buffer; readonly hash: string } {
  const der = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  return { der, hash: createHash('sha256').update(der).digest('hex') }
}
