import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemdUnits } from './units.js'

/** As systemd 252 answers. */
const shown = `Id=nusantara-panel.socket
LoadState=loaded
ActiveState=active
SubState=listening
Result=success
UnitFileState=enabled
Listen=[::]:8443 (Stream)
Listen=0.0.0.0:8443 (Stream)

Type=notify
Id=nusantara-demo@s1.service
LoadState=loaded
ActiveState=failed
SubState=failed
Result=exit-code
UnitFileState=enabled

Id=gone.service
LoadState=not-found
ActiveState=inactive
SubState=dead
Result=success
UnitFileState=
`

/** That systemd says so is shown on a booted server; here, that exactly this is asked and understood. */
describe('units of a systemd host', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'nusa-units-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  function systemctl(script: string): string {
    const program = join(directory, 'systemctl')
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > ${directory}/asked\n${script}\n`, { mode: 0o755 })
    return program
  }

  it('are those that the package shipped, every instance, and the services of plugins', async () => {
    const shipped = join(directory, 'shipped')
    mkdirSync(shipped)
    for (const file of ['nusantara-panel.socket', 'nusantara-demo@.service', 'nusantara-sites.slice', 'web.service'])
      writeFileSync(join(shipped, file), '')
    writeFileSync(join(directory, 'answer'), shown)
    const units = await systemdUnits(['web.service'], {
      systemctl: systemctl(`cat ${directory}/answer`),
      directory: shipped,
    })
    const asked = readFileSync(join(directory, 'asked'), 'utf8').trim().split('\n')
    expect(asked.slice(asked.indexOf('--') + 1)).to.deep.equal([
      'nusantara-panel.socket',
      'web.service',
      'nusantara-*@*.service',
      'nusantara-*@*.socket',
    ])
    expect(units.map(({ unit, load, active, result, type }) => [unit, load, active, result, type])).to.deep.equal([
      ['nusantara-panel.socket', 'loaded', 'active', 'success', ''],
      ['nusantara-demo@s1.service', 'loaded', 'failed', 'exit-code', 'notify'],
      ['gone.service', 'not-found', 'inactive', 'success', ''],
    ])
    expect(units[0]?.listens).to.deep.equal(['[::]:8443', '0.0.0.0:8443'])
  })

  it('are unknown where systemd does not answer, and it is said why', async () => {
    const failure = await systemdUnits([], { systemctl: systemctl('echo "no bus" >&2; exit 1'), directory }).catch(
      error => error,
    )
    expect(failure.message).to.equal('no bus')
  })
})
