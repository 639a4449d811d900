import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { type Start, TransientUnits } from './transient-unit.js'

const unit = {
  unit: 'nusantara-demo-s1',
  description: 'A demonstration',
  properties: ['ProtectSystem=strict'],
  command: ['/usr/bin/demo', '--', 'a b'],
  timeout: 60,
} as const

/** That systemd then does it is shown on a booted server; here, that exactly this is asked of it. */
describe('a program in a unit of its own', () => {
  let outputs: string
  beforeEach(() => {
    outputs = mkdtempSync(`${tmpdir()}/nusa-units-`)
  })
  afterEach(() => rmSync(outputs, { recursive: true }))

  it('is waited for when a killed broker began it, then run with its words after all options', async () => {
    const asked: (readonly string[])[] = []
    const start: Start = async (file, argv) => {
      asked.push([file, ...argv])
      return { failed: false, said: '' }
    }
    await new TransientUnits(outputs, start).run(unit)
    const [waiting, running] = asked
    expect(waiting).to.deep.equal(['/usr/bin/systemctl', 'start', '--quiet', '--', 'nusantara-demo-s1.service'])
    expect(running?.[0]).to.equal('/usr/bin/systemd-run')
    expect(running?.slice(running.indexOf('--') + 1)).to.deep.equal(unit.command)
    expect(running).to.include.members([
      '--unit=nusantara-demo-s1',
      '--property=Type=oneshot',
      '--property=NoNewPrivileges=yes',
      '--property=ProtectSystem=strict',
    ])
  })

  it('fails with what it said, or what systemd did, and leaves nothing', async () => {
    const failing = (text?: string): Start => {
      return async file => {
        if (file.endsWith('systemctl')) return { failed: true, said: 'not found' }
        if (text !== undefined) writeFileSync(`${outputs}/${unit.unit}`, text)
        return { failed: true, said: 'Job failed' }
      }
    }
    const said = async (start: Start) =>
      (await new TransientUnits(outputs, start).run(unit).catch((error: Error) => error))?.message
    expect(await said(failing('demo: cannot\n'))).to.equal('demo: cannot')
    expect(await said(failing())).to.equal('Job failed')
    expect(readdirSync(outputs)).to.deep.equal([])
  })
})
