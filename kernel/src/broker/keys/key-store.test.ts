import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { KeyStore, keyAlgorithms } from './key-store.js'
import { Signing, subjectAltName } from './signing.js'

const tenant = 'sabcdefghij'

describe('private keys in the broker’s keeping', function () {
  this.timeout(60_000)
  let directory: string
  let keys: KeyStore

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'nusa-keys-'))
    keys = new KeyStore(join(directory, 'keys'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const code = async (run: () => unknown): Promise<string> => {
    try {
      await run()
    } catch (error) {
      return (error as { code: string }).code
    }
    return ''
  }

  it('are made once, in files of their owner alone, and described by their public half', async () => {
    const [first, second] = await Promise.all([
      keys.create(tenant, 'a1', 'ec256', false),
      keys.create(tenant, 'a1', 'ec256', false),
    ])
    expect(first).to.deep.equal(second)
    expect(first.algorithm).to.equal('ec256')
    const files = readdirSync(join(directory, 'keys', tenant)).sort()
    expect(files).to.deep.equal(['a1.json', 'a1.pem'])
    for (const file of files) expect(statSync(join(directory, 'keys', tenant, file)).mode & 0o777).to.equal(0o600)
    expect(JSON.stringify(first)).to.not.include('PRIVATE')
    const spki = createPublicKey(createPrivateKey(keys.pem(tenant, 'a1'))).export({ type: 'spki', format: 'der' })
    expect(spki.toString('base64')).to.equal(first.publicKey)
  })

  it('never change under their name', async () => {
    const made = await keys.create(tenant, 'a1', 'ec256', false)
    expect(await code(() => keys.create(tenant, 'a1', 'ec384', false))).to.equal('key_exists')
    expect(await code(() => keys.create(tenant, 'a1', 'ec256', true))).to.equal('key_exists')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    expect(await code(() => keys.import(tenant, 'a1', pem, ['ec256']))).to.equal('key_exists')
    expect(keys.require(tenant, 'a1')).to.deep.equal(made)
  })

  it('that were half made when the power failed are made anew', async () => {
    await keys.create(tenant, 'a1', 'ec256', false)
    unlinkSync(join(directory, 'keys', tenant, 'a1.json'))
    expect(keys.find(tenant, 'a1')).to.equal(undefined)
    const made = await keys.create(tenant, 'a1', 'ec256', false)
    expect(createPrivateKey(keys.pem(tenant, 'a1')).asymmetricKeyDetails?.namedCurve).to.equal('prime256v1')
    expect(keys.list(tenant)).to.deep.equal([made])
    unlinkSync(join(directory, 'keys', tenant, 'a1.json'))
    keys.remove(tenant, 'a1')
    expect(readdirSync(join(directory, 'keys', tenant))).to.deep.equal([])
    keys.remove('szzzzzzzzzz', 'a1')
  })

  it('leave only where they were made for it', async () => {
    await keys.create(tenant, 'in', 'ec256', false)
    await keys.create(tenant, 'out', 'ec256', true)
    expect(await code(() => keys.export(tenant, 'in'))).to.equal('key_not_exportable')
    expect(await code(() => keys.export(tenant, 'none'))).to.equal('key_unknown')
    expect(keys.export(tenant, 'out')).to.include('BEGIN PRIVATE KEY')
    keys.remove(tenant, 'out')
    keys.remove(tenant, 'out')
    expect(keys.list(tenant).map(({ key }) => key)).to.deep.equal(['in'])
    keys.removeAll(tenant)
    expect(keys.list(tenant)).to.deep.equal([])
  })

  it('are taken from people as they come in PEM, and refused with the reason', async () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey
    const sec1 = ec.export({ type: 'sec1', format: 'pem' }) as string
    expect(keys.import(tenant, 'b1', sec1, ['ec384'])).to.include({ algorithm: 'ec384', exportable: true })
    expect(keys.pem(tenant, 'b1')).to.include('BEGIN PRIVATE KEY')
    const encrypted = ec.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const edwards = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    for (const pem of [encrypted, weak, edwards, sec1.slice(0, 80), '', 'x'.repeat(1000), '\u0000'])
      expect(await code(() => keys.import(tenant, 'b2', pem as string, keyAlgorithms))).to.equal('key_unsuitable')
    expect(await code(() => keys.import(tenant, 'b2', sec1, ['ec256']))).to.equal('key_unsuitable')
    expect(keys.find(tenant, 'b2')).to.equal(undefined)
  })

  it('have names that lead nowhere else', async () => {
    for (const name of ['..', '../x', 'a/b', 'A', '', '-a', 'a\u0000', 'x'.repeat(41)])
      expect(() => keys.find(tenant, name), JSON.stringify(name)).to.throw()
  })

  it('sign requests and certificates with the names that were asked for', async () => {
    const signing = new Signing('test')
    const subject = { names: ['example.test', '*.example.test'], addresses: ['192.0.2.1', '2001:db8::1'] }
    for (const algorithm of ['ec256', 'rsa2048'] as const) {
      await keys.create(tenant, algorithm, algorithm, false)
      const path = keys.path(tenant, algorithm)
      const der = Buffer.from(await signing.selfSigned(path, subject, 30), 'base64')
      const certificate = new X509Certificate(der)
      expect(certificate.subjectAltName).to.equal(
        'DNS:example.test, DNS:*.example.test, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
      )
      expect(certificate.checkPrivateKey(createPrivateKey(keys.pem(tenant, algorithm)))).to.equal(true)
      expect(certificate.ca).to.equal(false)
      const request = Buffer.from(await signing.request(path, subject), 'base64')
      expect(request.includes(Buffer.from(keys.require(tenant, algorithm).publicKey, 'base64'))).to.equal(true)
      expect(request.includes(Buffer.from('*.example.test'))).to.equal(true)
    }
  })

  it('sign nothing for what is no name', () => {
    for (const name of ['a,DNS:b', 'a b', '-x', '', 'a\nb', 'https://x', '1.2.3.4', '*.*.x'])
      expect(() => subjectAltName({ names: [name], addresses: [] }), JSON.stringify(name)).to.throw()
    for (const address of ['a', '1.2.3', 'fe80::1%eth0', '1.2.3.4,DNS:x'])
      expect(() => subjectAltName({ names: ['a.test'], addresses: [address] }), address).to.throw()
    expect(() => subjectAltName({ names: [], addresses: [] })).to.throw()
  })
})
