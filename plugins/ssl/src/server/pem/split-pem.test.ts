import { expect } from 'chai'
import { splitPem, toPem } from './split-pem.js'

const der = Buffer.from('0123456789'.repeat(9))
const certificate = toPem('CERTIFICATE', der)

describe('the blocks of a PEM text', () => {
  it('are found in any order, between other text and with the line ends of any system', () => {
    const text = `\uFEFFBag Attributes\n    friendlyName: a\n${certificate}subject=CN=a\n${toPem('PRIVATE KEY', der)}`
    for (const version of [
      text,
      text.replaceAll('\n', '\r\n'),
      text.replaceAll('\n', '\r'),
      text.replaceAll('\n', '  \n'),
    ]) {
      expect(splitPem(version).map(({ label }) => label)).to.deep.equal(['CERTIFICATE', 'PRIVATE KEY'])
      expect(splitPem(version)[0]?.pem).to.equal(certificate)
      expect(splitPem(version)[0]?.der.equals(der)).to.equal(true)
    }
  })

  it('have the names of today', () => {
    expect(splitPem(certificate.replaceAll(' CERT', ' X509 CERT')).map(({ label }) => label)).to.deep.equal([
      'CERTIFICATE',
    ])
  })

  it('are passed over when they never end or end as something else', () => {
    expect(splitPem(certificate.replace(/-----END.*/, ''))).to.deep.equal([])
    expect(splitPem(certificate.replace('END CERTIFICATE', 'END PRIVATE KEY'))).to.deep.equal([])
    expect(splitPem(`-----BEGIN CERTIFICATE-----\nAAAA\n${certificate}`)).to.have.length(1)
    expect(splitPem('')).to.deep.equal([])
  })

  it('say when a passphrase is needed, in the new form and in the old', () => {
    const old =
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----'
    expect(splitPem(old)[0]).to.include({ encrypted: true, label: 'RSA PRIVATE KEY' })
    expect(splitPem(toPem('ENCRYPTED PRIVATE KEY', der))[0]?.encrypted).to.equal(true)
    expect(splitPem(toPem('EC PRIVATE KEY', der))[0]?.encrypted).to.equal(false)
  })
})
