import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { type Bench, bench, domain, site, vhost } from '../changes/testing/bench.test.js'
import { Lock } from '../lock.js'
import { isAlive, type ProcessIdentity } from '../process-identity.js'
import type { Methods } from '../protocol.js'
import { readStateFile } from '../state-file.js'
import { type RunningBroker, startBroker } from '../testing/broker-process.js'
import { type Answer, RawClient } from '../testing/raw-client.js'
import { until } from '../testing/until.js'
import { PendingDeadlines } from './pending.js'
import { SystemdTimers, timerArguments } from './systemd-timer.js'

const patienceMs = 60_000

describe('the deadline of a change', function () {
  this.timeout(120_000)
  let web: Bench
  let broker: RunningBroker
  let client: RawClient
  let before: Record<string, string>

  beforeEach(async () => {
    web = await bench()
    await web.apply('site1')
    before = contents()
    await web.release()
    await start()
  })
  afterEach(async () => {
    client?.end()
    await broker?.stop('SIGKILL')
    await start()
    client.end()
    expect(await broker.stop('SIGINT'), broker.stderr()).to.equal(0)
    await until(() => watcher() === undefined, 'the end of the watcher')
    web.home.remove()
  })

  const start = async () => {
    broker = await startBroker(web.home)
    client = await RawClient.connect(broker.socket)
  }
  /** Without the service's own file, whose revision differs from batch to batch. */
  const contents = () => Object.fromEntries(Object.entries(web.files()).filter(([name]) => !name.startsWith('00-')))
  const directory = () => `${web.home.config.roots.state}/deadlines`
  const watcher = () => {
    const known = readStateFile(`${directory()}/watcher.json`) as ProcessIdentity | undefined
    return known && isAlive(known) ? known : undefined
  }
  const pending = () => readdirSync(directory()).filter(name => /^[0-9a-f]{16}\.json$/.test(name)).length
  const apply = (name: string, deadline: number, size = '5m') =>
    client.call('change.apply', {
      ...web.origin,
      change: 'vhost',
      params: site(name),
      files: { vhost: vhost(name, { size }) },
      names: [domain(name)],
      changeId: `${name}-waits`,
      attempt: 1,
      deadline,
    })
  const state = async (changeId: string, over = client) => {
    const { result } = await over.call('change.describe', { ...web.origin, changeId })
    return (result as Methods['change.describe']['result'])?.state
  }
  const codeOf = ({ error }: Answer) => error?.data?.code ?? error?.code ?? 'ok'

  it('is kept by nobody but a watcher when the broker was killed, and what is served is the old', async () => {
    const old = await web.ask('site1')
    expect(codeOf(await apply('site1', 4))).to.equal('ok')
    expect(codeOf(await apply('site2', 4))).to.equal('ok')
    expect(await web.ask('site1')).not.to.equal(old)
    const guard = watcher()
    await broker.stop('SIGKILL')
    expect(guard).not.to.equal(undefined)
    await until(() => JSON.stringify(contents()) === JSON.stringify(before), 'the old files', patienceMs)
    await until(async () => (await web.ask('site1')) === old, 'the old answer', patienceMs)
    await until(() => watcher() === undefined, 'the end of the watcher', patienceMs)
    expect(pending()).to.equal(0)
    await start()
    expect(await state('site1-waits')).to.equal('reverted')
    expect(await state('site2-waits')).to.equal('reverted')
    const { result } = await client.call('audit.verify', {})
    expect((result as Methods['audit.verify']['result']).problems).to.deep.equal([])
  })

  it('is kept when the broker is killed in the middle of the change', async () => {
    const waiting = apply('site2', 2)
    await until(() => web.files()['a-site2.conf'] !== undefined, 'the new file')
    await broker.stop('SIGKILL')
    await waiting
    await until(() => JSON.stringify(contents()) === JSON.stringify(before), 'the old files', patienceMs)
    await until(() => watcher() === undefined, 'the end of the watcher', patienceMs)
    expect(readdirSync(web.sites).filter(name => name.startsWith('.'))).to.deep.equal([])
  })

  it('is kept by the broker itself while it lives, and the watcher ends', async () => {
    expect(codeOf(await apply('site2', 1))).to.equal('ok')
    await until(async () => (await state('site2-waits')) === 'reverted', 'the reversal', patienceMs)
    await until(() => watcher() === undefined, 'the end of the watcher', patienceMs)
    expect(contents()).to.deep.equal(before)
  })

  it('asks for a confirmation over a connection that was opened afterwards', async () => {
    const early = await RawClient.connect(broker.socket)
    await early.call('broker.status', {})
    expect(codeOf(await apply('site2', 600))).to.equal('ok')
    const request = { ...web.origin, changeId: 'site2-waits' }
    for (const old of [client, early])
      expect(codeOf(await old.call('change.confirm', request))).to.equal('confirmation_stale')
    const late = await RawClient.connect(broker.socket)
    expect((await late.call('change.confirm', request)).result).to.include({ state: 'applied' })
    await until(() => watcher() === undefined, 'the end of the watcher', patienceMs)
    expect(await state('site2-waits', late)).to.equal('applied')
    late.end()
    early.end()
  })

  it('is guarded again by the next broker, and guarded by nobody once the sandbox has ended', async () => {
    expect(codeOf(await apply('site2', 600))).to.equal('ok')
    const first = watcher() as ProcessIdentity
    await broker.stop('SIGKILL')
    process.kill(first.pid, 'SIGKILL')
    await until(() => watcher() === undefined, 'the end of the watcher')
    await start()
    await until(() => watcher() !== undefined, 'another watcher')
    client.end()
    expect(await broker.stop('SIGINT')).to.equal(0)
    await until(() => watcher() === undefined, 'the end of the watcher')
    expect(pending()).to.equal(1)
    await start()
    expect(await state('site2-waits')).to.equal('awaiting_confirmation')
  })
})

describe('the guard of deadlines under systemd', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-deadlines-`)
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const command = ['/usr/lib/nusantara/node', '/usr/lib/nusantara/recover.js', '/etc/nusantara/broker.json'] as const
  const deadline = new Date('2026-11-22T21:59:59.001Z')

  it('is a transient timer for the next whole second, whose unit names the change and the moment', () => {
    const key = PendingDeadlines.key('c1')
    expect(key).to.match(/^[0-9a-f]{16}$/)
    expect(timerArguments('c1', deadline, command)).to.deep.equal([
      '--quiet',
      '--collect',
      `--unit=nusantara-deadline-${key}-1795384800`,
      '--description=Take back an unconfirmed configuration change',
      '--on-calendar=2026-11-22 22:00:00 UTC',
      '--timer-property=AccuracySec=1s',
      '--property=Type=oneshot',
      '--property=UMask=0027',
      '--',
      ...command,
    ])
    // A name that a change could be given never becomes part of the command.
    expect(timerArguments('--unit=x; reboot', deadline, command).join(' ')).not.to.contain('reboot')
  })

  it('replaces the timer of a change, ends it when nothing waits, and leaves none when systemd refuses', async () => {
    const calls: string[] = []
    let refusing = false
    const pending = new PendingDeadlines(directory)
    const timers = new SystemdTimers(pending, [...command], async (file, argv) => {
      calls.push([file, argv[0] === '--quiet' ? argv[2] : argv.join(' ')].join(' '))
      if (refusing) throw new Error('Failed to start transient timer unit')
    })
    const key = PendingDeadlines.key('c1')
    const stop = `/usr/bin/systemctl stop -- nusantara-deadline-${key}-*.timer`
    await timers.keep('c1', deadline)
    expect(calls.splice(0)).to.deep.equal([stop, `/usr/bin/systemd-run --unit=nusantara-deadline-${key}-1795384800`])
    expect(pending.due(deadline).map(({ changeId }) => changeId)).to.deep.equal(['c1'])
    expect(pending.due(new Date(deadline.getTime() - 1))).to.deep.equal([])
    await timers.restore(new Map([['c2', deadline]]))
    expect(pending.all().map(({ changeId }) => changeId)).to.deep.equal(['c2'])
    expect(calls.splice(0)).to.include(stop)
    refusing = true
    expect(await timers.keep('c3', deadline).catch((error: Error) => error.message)).to.match(/Failed to start/)
    await timers.release('c2')
    expect(pending.all()).to.deep.equal([])
  })

  it('looks into the ledger when a pending file is damaged', () => {
    const pending = new PendingDeadlines(directory)
    writeFileSync(`${directory}/${'0'.repeat(16)}.json`, '{"changeId":')
    expect(pending.due(new Date()).length).to.equal(1)
    pending.restore(new Map())
    expect(pending.all()).to.deep.equal([])
  })
})

describe('the lock of a broker', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-lock-`)
    mkdirSync(directory, { recursive: true })
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('is waited for while a recovery holds it, and refused while a broker does', async () => {
    const file = `${directory}/broker.lock`
    const recovery = new Lock(file, 'recovery')
    let taken = false
    const waiting = Lock.acquire(file, 'broker').then(lock => {
      taken = true
      return lock
    })
    await new Promise(resolve => setImmediate(resolve))
    expect(taken).to.equal(false)
    recovery.release()
    const broker = await waiting
    expect(() => new Lock(file, 'recovery')).to.throw(/another broker/)
    expect(await Lock.acquire(file, 'broker').catch((error: Error) => error.message)).to.match(/another broker/)
    broker.release()
    expect(existsSync(file)).to.equal(false)
  })
})
