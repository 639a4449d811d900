import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ResolvedService } from '../services.js'
import { SystemdServices } from './systemd-services.js'

/** Writes down what it is called with; the state it shows is given. */
const systemctl = (calls: string, shown: string) => `#!/bin/sh
echo "$@" >> ${calls}
[ "$1" != show ] || printf '${shown}'
[ "$1" != restart ] || { echo "Job failed" >&2; exit 1; }
`

const service = (unit: string, socket?: boolean): ResolvedService => ({
  ref: { plugin: 'demo', service: 'demo' },
  rule: { unit, verbs: ['start', 'stop', 'restart', 'status'], ...(socket && { socket }) },
  params: new Map(),
  unit,
  directories: [],
})

/** That systemd then does it is shown on a booted server; here, that exactly this is asked of it. */
describe('services of a systemd host', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'nusa-systemctl-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  function services(shown: string): { readonly manager: SystemdServices; calls(): string[] } {
    const log = join(directory, 'calls')
    const program = join(directory, 'systemctl')
    writeFileSync(log, '')
    writeFileSync(program, systemctl(log, shown), { mode: 0o755 })
    const calls = () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(line => line && !line.startsWith('show'))
    return { manager: new SystemdServices(program), calls }
  }

  it('start now and at every boot what is an instance of the panel, and only now what is the host’s', async () => {
    const { manager, calls } = services('ActiveState=active\\nMainPID=7\\n')
    await manager.start(service('demo@s1.service'))
    await manager.start(service('web.service'))
    await manager.stop(service('demo@s1.service'))
    await manager.stop(service('web.service'))
    expect(calls()).to.deep.equal([
      'enable --now --quiet -- demo@s1.service',
      'start --quiet -- web.service',
      'disable --now --quiet -- demo@s1.service',
      'stop --quiet -- web.service',
    ])
  })

  describe('whose socket systemd holds', () => {
    const demo = service('demo@s1.service', true)
    const resting = 'ActiveState=inactive\\nResult=success\\nMainPID=0\\n\\nActiveState=active\\nMainPID=0\\n'
    const running = 'ActiveState=active\\nResult=success\\nMainPID=7\\n\\nActiveState=active\\n'

    it('keep their socket over a boot, and start once to show that they do', async () => {
      const { manager, calls } = services(resting)
      await manager.start(demo)
      expect(calls()).to.deep.equal(['enable --now --quiet -- demo@s1.socket', 'start --quiet -- demo@s1.service'])
    })

    it('lose the socket first when they are stopped, so that nobody wakes them', async () => {
      const { manager, calls } = services(running)
      await manager.stop(demo)
      expect(calls()).to.deep.equal([
        'disable --now --quiet -- demo@s1.socket',
        'disable --now --quiet -- demo@s1.service',
      ])
    })

    it('count as running while they rest, and take a new configuration by starting', async () => {
      const { manager, calls } = services(resting)
      expect(await manager.status(demo)).to.deep.equal({ active: true, detail: 'rests until somebody connects' })
      expect(await manager.pids(demo)).to.deep.equal([])
      await manager.signal(demo, 'USR2')
      expect(calls()).to.deep.equal(['start --quiet -- demo@s1.service'])
    })

    it('are signalled while they run', async () => {
      const { manager, calls } = services(running)
      await manager.signal(demo, 'USR2')
      expect(calls()).to.deep.equal(['kill --kill-who=main --signal=USR2 -- demo@s1.service'])
    })

    it('do not rest when they failed, or when nothing listens for them', async () => {
      for (const shown of [
        'ActiveState=failed\\nResult=exit-code\\nMainPID=0\\n\\nActiveState=active\\n',
        'ActiveState=inactive\\nResult=success\\nMainPID=0\\n\\nActiveState=inactive\\n',
      ])
        expect((await services(shown).manager.status(demo)).active).to.equal(false)
    })
  })

  it('say since when they run, or what became of them', async () => {
    const running = services(
      'ActiveState=active\\nSubState=running\\nMainPID=7\\nActiveEnterTimestamp=Sun 2026-11-22 20:05:01 UTC\\n',
    )
    expect(await running.manager.status(service('web.service'))).to.deep.equal({
      active: true,
      pid: 7,
      since: '2026-11-22T20:05:01.000Z',
    })
    const failing = services('ActiveState=activating\\nSubState=auto-restart\\nResult=exit-code\\nMainPID=0\\n')
    expect(await failing.manager.status(service('web.service'))).to.deep.equal({
      active: false,
      detail: 'activating, auto-restart, exit-code',
    })
  })

  it('are listed with one call for all of them', async () => {
    const { manager } = services(
      [
        'ActiveState=active\\nMainPID=7\\n',
        'ActiveState=inactive\\nResult=success\\nMainPID=0\\n',
        'ActiveState=active\\n',
        'ActiveState=failed\\nMainPID=0\\n',
      ].join('\\n'),
    )
    for (const each of [service('web.service'), service('demo@s1.service', true), service('db.service')])
      await manager.status(each)
    const log = join(directory, 'calls')
    writeFileSync(log, '')
    expect((await manager.list()).map(({ active, pid, detail }) => [active, pid, detail])).to.deep.equal([
      [true, 7, undefined],
      [true, undefined, 'rests until somebody connects'],
      [false, undefined, 'failed'],
    ])
    const asked = readFileSync(log, 'utf8').trim().split('\n')
    expect(asked).to.have.length(1)
    expect(asked[0]).to.match(/ -- web\.service demo@s1\.service demo@s1\.socket db\.service$/)
  })

  it('fail with what systemctl said', async () => {
    const { manager } = services('ActiveState=active\\nMainPID=7\\n')
    const failure = await manager.restart(service('web.service')).catch(error => error)
    expect([failure.code, failure.params]).to.deep.equal([
      'service_failed',
      { service: 'web.service', output: 'Job failed' },
    ])
  })
})
