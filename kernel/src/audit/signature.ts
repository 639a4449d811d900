import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/**
 * Whether `signature` (base64) is the Ed25519 signature of `text` by the key.
 *
 * @param publicKey SPKI, DER, base64; a text that is no key has signed nothing
 */
export function signedBy(publicKey: string, text: string, signature: string): boolean {
  const key = publicKeyOf(publicKey)
  return key !== undefined && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
}

function publicKeyOf(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' })
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
