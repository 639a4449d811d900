import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { InvalidUpload } from './invalid.js'
import { judgeUpload, type Upload } from './judge-upload.js'
import { keyFault } from './public-key.js'
import { ec256, exampleChain, type Made, made, rsa } from './testing.js'

const now = new Date('2026-02-01')
const names = ['example.test', 'www.example.test']

function refusal(
  pem: string,
  upload: Partial<Upload> = {},
): { reason: string; params: Record<string, unknown>; message: string } {
  try {
    judgeUpload({ pem, now, names, ...upload })
  } catch (error) {
    if (error instanceof InvalidUpload) return error
    throw error
  }
  return { reason: 'accepted', params: {}, message: '' }
}

describe('an uploaded certificate', () => {
  let root: Made
  let intermediate: Made
  let leaf: Made

  before(async () => {
    ;({ root, intermediate, leaf } = await exampleChain())
  })

  it('is served with its chain in order and without the root, however it was given', () => {
    const orders = [
      [leaf.pem, intermediate.pem, root.pem, leaf.key],
      [leaf.key, root.pem, intermediate.pem, leaf.pem],
      ['Bag Attributes: x\r\n', intermediate.pem.replaceAll('\n', '\r\n'), leaf.pem, leaf.pem, leaf.key, leaf.key],
    ]
    for (const parts of orders) {
      const judged = judgeUpload({ pem: parts.join('\n'), now, names })
      expect(judged.leaf.trim()).to.equal(leaf.pem.trim())
      expect(judged.chain.map(pem => pem.trim())).to.deep.equal([leaf.pem.trim(), intermediate.pem.trim()])
      expect(judged.keyPem).to.equal(leaf.key)
      expect(judged.warnings).to.deep.equal([])
    }
  })

  it('may come without its key where that is elsewhere', () => {
    expect(judgeUpload({ pem: leaf.pem + intermediate.pem, now, names, key: 'optional' }).keyPem).to.equal(null)
    expect(refusal(leaf.pem + intermediate.pem).reason).to.equal('no_key')
  })

  it('may have its key in the forms of former times', () => {
    const old = createPrivateKey(leaf.key).export({ type: 'sec1', format: 'pem' }).toString()
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    expect(judgeUpload({ pem: leaf.pem + parameters + old, now, names }).keyPem).to.equal(leaf.key)
  })

  it('is refused with what is missing or too much', async () => {
    const other = await made({ names: ['other.test'] })
    expect(refusal('').reason).to.equal('no_certificate')
    expect(refusal(leaf.key).reason).to.equal('no_certificate')
    expect(refusal(leaf.pem + leaf.key + other.key)).to.deep.include({ reason: 'several_keys', params: { count: 2 } })
    expect(refusal(leaf.pem + other.key).reason).to.equal('key_mismatch')
    expect(refusal(leaf.pem + other.pem + leaf.key)).to.deep.include({
      reason: 'several_leaves',
      params: { subjects: ['CN=example.test', 'CN=other.test'] },
    })
    expect(refusal(leaf.pem.repeat(11) + leaf.key).reason).to.equal('too_many_certificates')
    expect(refusal(' '.repeat(64 * 1024 + 1)).reason).to.equal('too_large')
    expect(
      refusal(`${leaf.pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${leaf.key}`),
    ).to.deep.include({ reason: 'malformed_certificate', params: { position: 2 } })
    expect(refusal(`${leaf.pem}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`).reason).to.equal(
      'malformed_key',
    )
  })

  it('is refused with a key that needs a passphrase', () => {
    const options = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const
    const key = createPrivateKey(leaf.key)
    for (const type of ['pkcs8', 'sec1'] as const)
      expect(refusal(leaf.pem + key.export({ ...options, type })).reason).to.equal('encrypted_key')
  })

  it('is refused before and after its time', () => {
    expect(refusal(leaf.pem + leaf.key, { now: new Date('2026-04-02') })).to.deep.include({
      reason: 'expired',
      params: { subject: 'CN=example.test', notAfter: '2026-04-01T00:00:00.000Z' },
    })
    expect(refusal(leaf.pem + leaf.key, { now: new Date('2025-12-31') }).reason).to.equal('not_yet_valid')
  })

  it('is refused when browsers would', async () => {
    const weak = async (algorithm: Algorithm) => {
      const { pem, key } = await made({ names, algorithm })
      return refusal(pem + key)
    }
    expect(await weak(rsa(1024))).to.deep.include({
      reason: 'weak_key',
      params: { subject: 'CN=example.test', keyType: 'rsa1024', min: 2048 },
    })
    expect((await weak(rsa(2048, 'SHA-1'))).params).to.include({ signature: 'rsa-sha1' })
    expect((await weak({ name: 'Ed25519' })).reason).to.equal('key_type_refused')
    expect((await weak(rsa(2048))).reason).to.equal('accepted')
    expect(keyFault(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)).to.deep.equal({
      reason: 'curve_unsupported',
      curve: 'secp256k1',
    })
    const client = await made({ names, purposes: ['1.3.6.1.5.5.7.3.2'] })
    expect(refusal(client.pem + client.key).reason).to.equal('not_for_servers')
    const server = await made({ names, purposes: ['1.3.6.1.5.5.7.3.1'] })
    expect(refusal(server.pem + server.key).reason).to.equal('accepted')
  })

  it('is refused when an issuer is weak, but not for the root, which nobody checks', async () => {
    const algorithm = rsa(2048, 'SHA-1')
    const oldRoot = await made({ subject: 'Old', ca: true, algorithm })
    const issued = await made({ names, issuer: await withSha256(oldRoot) })
    expect(refusal(issued.pem + oldRoot.pem + issued.key).reason).to.equal('accepted')
    const between = await made({ subject: 'Between', ca: true, issuer: oldRoot })
    const last = await made({ names, issuer: between })
    expect(refusal(last.pem + between.pem + last.key)).to.deep.include({
      reason: 'weak_signature',
      params: { subject: 'CN=Between', signature: 'rsa-sha1' },
    })
  })

  it('is refused with the chain of another issuer, and taken with a warning without one', async () => {
    const stranger = await made({ subject: 'Example R1', ca: true, issuer: root })
    expect(refusal(leaf.pem + stranger.pem + leaf.key)).to.deep.include({
      reason: 'chain_broken',
      params: { subject: 'CN=example.test', issuer: 'CN=Example R1' },
    })
    expect(judgeUpload({ pem: leaf.pem + leaf.key, now, names }).warnings).to.deep.equal([
      { code: 'issuer_missing', params: { issuer: 'CN=Example R1' } },
    ])
    const more = judgeUpload({ pem: leaf.pem + intermediate.pem + stranger.pem + leaf.key, now, names })
    expect(more.warnings).to.deep.equal([{ code: 'unrelated_left_out', params: { subjects: ['CN=Example R1'] } }])
    expect(more.chain).to.have.length(2)
  })

  it('may be signed by itself, also as an authority, with a warning', async () => {
    for (const ca of [true, false]) {
      const own = await made({ names, ca })
      const judged = judgeUpload({ pem: own.pem + own.key, now, names })
      expect(judged.warnings.map(({ code }) => code)).to.deep.equal(['self_signed'])
      expect(judged.chain).to.have.length(1)
    }
  })

  it('prefers of two issuers with one key the one that is current, then the one that leads on', async () => {
    const keys = intermediate.keys
    const expired = await made({ subject: 'Example R1', ca: true, issuer: root, keys, to: '2026-01-15' })
    const asRoot = await made({ subject: 'Example R1', ca: true, keys, to: '2030-01-01' })
    const chainOf = (...issuers: Made[]) => {
      const pem = [leaf, ...issuers].map(one => one.pem).join('') + leaf.key
      return judgeUpload({ pem, now, names })
    }
    expect(chainOf(expired, intermediate).chain[1]?.trim()).to.equal(intermediate.pem.trim())
    expect(chainOf(asRoot, intermediate).chain[1]?.trim()).to.equal(intermediate.pem.trim())
    expect(chainOf(expired, asRoot).chain).to.have.length(1)
    expect(chainOf(expired).warnings.map(({ code }) => code)).to.deep.equal(['issuer_expired'])
  })

  it('is refused for a site whose names it does not all cover, never minding its common name', async () => {
    expect(refusal(leaf.pem + leaf.key, { names: ['example.test', 'a.www.example.test'] })).to.deep.include({
      reason: 'names_uncovered',
      params: {
        covered: ['example.test'],
        missing: ['a.www.example.test'],
        certified: ['example.test', 'www.example.test'],
      },
    })
    const common = await made({ subject: 'example.test' })
    expect(refusal(common.pem + common.key, { names: ['example.test'] }).message).to.contain('it covers no names')
    const wildcard = await made({ names: ['*.example.test'], addresses: ['192.0.2.1'], algorithm: ec256 })
    const all = refusal(wildcard.pem + wildcard.key, { names: ['a.example.test', '*.example.test', '192.0.2.1'] })
    expect(all.reason).to.equal('accepted')
    expect(refusal(wildcard.pem + wildcard.key, { names: [] }).reason).to.equal('accepted')
  })
})

/** The same key; WebCrypto ties each key to one hash. */
async function withSha256(of: Made): Promise<Made> {
  const algorithm = rsa(2048)
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', of.keys.privateKey)
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign'])
  return { ...of, algorithm, keys: { ...of.keys, privateKey } }
}
