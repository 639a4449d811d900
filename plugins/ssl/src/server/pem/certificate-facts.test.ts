import { createHash, createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import { ariCertId } from './ari-cert-id.js'
import { describe as describeCertificate, distinguishedName } from './certificate-facts.js'
import { InvalidUpload } from './invalid.js'
import { ec256, exampleChain, made, rsa } from './testing.js'

/** RFC 9773, appendix A. */
const ofTheRfc = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----`

describe('the facts of a certificate', () => {
  it('are what its maker wrote and what follows from the bytes', async () => {
    const { leaf, intermediate } = await exampleChain({
      names: ['Example.test', '*.example.test'],
      addresses: ['2001:db8:0:0::1', '192.0.2.1'],
    })
    const der = Buffer.from(leaf.certificate.rawData)
    const fingerprint256 = createHash('sha256').update(der).digest('hex')
    const spki = createPublicKey(leaf.key).export({ type: 'spki', format: 'der' })
    const { authorityKeyId, ...facts } = describeCertificate(leaf.pem)
    expect(facts).to.deep.equal({
      subject: 'CN=Example.test',
      issuer: 'CN=Example R1',
      serial: '01ab',
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: '2026-04-01T00:00:00.000Z',
      fingerprint256,
      spki256: createHash('sha256').update(spki).digest('hex'),
      names: ['example.test', '*.example.test'],
      addresses: ['2001:db8::1', '192.0.2.1'],
      keyType: 'ec256',
      signature: 'ecdsa-sha256',
      selfSigned: false,
      crtsh: `https://crt.sh/?q=${fingerprint256}`,
    })
    expect(authorityKeyId).to.match(/^[0-9a-f]{40}$/)
    expect(describeCertificate(intermediate.pem)).to.include({ selfSigned: false, issuer: 'CN=Example Root' })
  })

  it('tell the kinds of keys and signatures apart', async () => {
    const kinds = [
      [rsa(2048), 'rsa2048', 'rsa-sha256'],
      [rsa(3072, 'SHA-512'), 'rsa3072', 'rsa-sha512'],
      [rsa(1024, 'SHA-1'), 'rsa1024', 'rsa-sha1'],
      [{ ...ec256, namedCurve: 'P-384', hash: 'SHA-384' }, 'ec384', 'ecdsa-sha384'],
      [{ ...ec256, namedCurve: 'P-521', hash: 'SHA-512' }, 'ec521', 'ecdsa-sha512'],
      [{ name: 'Ed25519' }, 'ed25519', 'ed25519'],
    ] as const
    for (const [algorithm, keyType, signature] of kinds) {
      const { pem } = await made({ algorithm })
      expect(describeCertificate(pem)).to.include({ keyType, signature, selfSigned: true, authorityKeyId: null })
    }
  })

  it('do not call self-signed what only says so', async () => {
    const real = await made({ subject: 'Example Root', ca: true })
    const other = await made({ subject: 'Example Root', ca: true })
    const forged = await made({ subject: 'Example Root', issuer: { ...real, keys: other.keys } })
    expect(describeCertificate(forged.pem).selfSigned).to.equal(false)
  })

  it('hold no characters that move what stands beside them', async () => {
    const { pem } = await made({ subject: 'ev\u0007il\u202egnp' })
    expect(describeCertificate(pem).subject).to.equal('CN=evilgnp')
    expect(distinguishedName('CN=a\\0Ab\\7F\\\\0A\nO=c')).to.equal('CN=ab\\\\0A, O=c')
    expect(distinguishedName(undefined)).to.equal('')
  })

  it('leave out names that no host can have', async () => {
    const { pem } = await made({ names: ['a.test', 'b test', 'a*.test', 'x\u0000.test', '*.ok.test'] })
    expect(describeCertificate(pem).names).to.deep.equal(['a.test', '*.ok.test'])
  })

  it('are refused for what is none', () => {
    const reasonOf = (text: string) => {
      try {
        describeCertificate(text)
      } catch (error) {
        if (error instanceof InvalidUpload) return error.reason
        throw error
      }
      return 'none'
    }
    expect(reasonOf('hello')).to.equal('no_certificate')
    expect(reasonOf('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).to.equal('malformed_certificate')
    expect(reasonOf('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----')).to.equal('malformed_certificate')
    expect(reasonOf(ofTheRfc.replace('MIIBQz', 'MIIBZz'))).to.equal('malformed_certificate')
  })
})

describe('the identifier for renewal information', () => {
  it("is the RFC's for the RFC's certificate", () => {
    expect(ariCertId(ofTheRfc)).to.equal('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE')
    expect(describeCertificate(ofTheRfc)).to.include({
      authorityKeyId: '69885b6b87464041e1b37b847ba0ae2cde01c8d4',
      serial: '87654321',
    })
  })

  it('is none where the certificate does not name the key that signed it', async () => {
    expect(ariCertId((await made()).pem)).to.equal(null)
  })
})
