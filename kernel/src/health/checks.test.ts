import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineProblem } from '@nusantara/sdk'
import { expect } from 'chai'
import { ensurePanelCertificate } from '../host/panel-certificate.js'
import { checkCertificate, checkDrift } from './checks.js'

describe('checks of the panel', () => {
  const codes = (findings: readonly { readonly message: { readonly code: string } }[]) =>
    findings.map(({ message }) => message.code)

  it('take an address that is configured for covered when the certificate has it, and make one that has it', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nusa-checks-'))
    try {
      const check = async (hosts: readonly string[]) =>
        (await checkCertificate({ home, hosts, profile: 'system' }, new Date())).message
      await ensurePanelCertificate(home, [])
      const wanted = ['203.0.113.5', 'panel.example.test', '2001:db8::7']
      expect(await check(wanted)).to.deep.equal({
        code: 'health.certificate.names',
        params: { names: wanted.join(', ') },
      })
      await ensurePanelCertificate(home, wanted)
      expect((await check(wanted)).code).to.equal('health.certificate.ok')
    } finally {
      await rm(home, { recursive: true })
    }
  })

  it('tell an edit by hand from a file that nobody here made, and why neither could be looked for', async () => {
    const edited = { path: '/etc/a.conf', kind: 'modified' }
    const foreign = { path: '/etc/b.conf~', kind: 'foreign' }
    expect(codes(await checkDrift(async () => []))).to.deep.equal(['health.drift.ok'])
    expect(codes(await checkDrift(async () => [edited]))).to.deep.equal(['health.drift.warning'])
    const both = await checkDrift(async () => [edited, foreign])
    expect(codes(both)).to.deep.equal(['health.drift.warning', 'health.drift.foreign'])
    expect(both.map(({ message }) => message.params?.files)).to.deep.equal([edited.path, foreign.path])
    const WriteFailed = defineProblem('write_failed_here', 500)
    const because = await checkDrift(() => Promise.reject(WriteFailed({ path: '/etc/a.conf' })))
    expect(because.map(({ message, remedy }) => [message.code, remedy?.code])).to.deep.equal([
      ['problem.write_failed_here', 'problem.write_failed_here.remedy'],
    ])
    expect(codes(await checkDrift(() => Promise.reject(new Error('no answer'))))).to.deep.equal(['health.drift.failed'])
  })
})
