import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { certificateFiles, ensurePanelCertificate } from './panel-certificate.js'

describe("the panel's own certificate", () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-tls-'))
  })
  afterEach(() => rm(home, { recursive: true }))

  it('covers localhost, loopback and the configured hosts, with a private key of mode 0600', async () => {
    await ensurePanelCertificate(home, ['panel.example.test'])
    const files = certificateFiles(home)
    const certificate = new X509Certificate(await readFile(files.cert))
    for (const name of ['localhost', 'panel.example.test']) expect(certificate.checkHost(name), name).to.equal(name)
    for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address), address).to.not.equal(undefined)
    expect((await stat(files.key)).mode & 0o777).to.equal(0o600)
  })

  it('is kept over restarts and made anew when a host is added', async () => {
    await ensurePanelCertificate(home, [])
    const first = await readFile(certificateFiles(home).cert, 'utf8')
    await ensurePanelCertificate(home, [])
    expect(await readFile(certificateFiles(home).cert, 'utf8')).to.equal(first)
    await ensurePanelCertificate(home, ['new.example.test'])
    expect(await readFile(certificateFiles(home).cert, 'utf8')).to.not.equal(first)
  })
})
