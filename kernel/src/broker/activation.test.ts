import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { nodeFlags } from '../host/node-flags.js'
import { ServiceManager } from '../testing/service-manager.js'
import { type BrokerHome, brokerHome } from './testing/broker-process.js'
import { RawClient } from './testing/raw-client.js'
import { until } from './testing/until.js'

const manifest = {
  files: { note: { path: ['${etc}/demo/note.txt'], format: 'opaque', owner: 'root', mode: '0644', maxBytes: 100 } },
  services: {
    rest: { unit: 'rest.service', verbs: ['status'], sandbox: { bin: '/usr/bin/sleep', argv: ['90'] } },
  },
  changes: { note: { files: ['note'], service: 'rest' } },
}

const main = fileURLToPath(new URL('./main.js', import.meta.url))

describe('a broker that is started by its sockets', function () {
  this.timeout(30_000)
  let home: BrokerHome
  let manager: ServiceManager | undefined
  beforeEach(() => {
    home = brokerHome({ idleSeconds: 1 })
    home.plugin('demo', manifest)
  })
  afterEach(async () => {
    await manager?.stop()
    manager = undefined
    home.remove()
  })

  const command = () => [process.execPath, ...nodeFlags.broker, main, home.configFile]
  const sockets = () => [
    { name: 'panel', path: `${home.directory}/panel.sock`, mode: 0o660 },
    { name: 'admin', path: `${home.directory}/admin.sock`, mode: 0o600 },
  ]

  it('answers who woke it, leaves the sockets as they were made, and lets no child have them', async () => {
    const held = await ServiceManager.hold(sockets(), command())
    manager = held
    const [panel, admin] = sockets().map(({ path }) => ({ path })) as [{ path: string }, { path: string }]
    const client = await RawClient.connect(panel.path)
    const status = await client.call('broker.status', {})
    expect((status.result as { pid: number }).pid).to.equal(held.starts[0])
    const root = await RawClient.connect(admin.path)
    expect((await root.call('policy.approve', {})).error?.code, 'only the shape is wrong here').to.equal(-32602)
    expect((await client.call('policy.approve', {})).error?.code, 'not known there').to.equal(-32601)
    expect(statSync(panel.path).mode & 0o777).to.equal(0o660)
    expect(statSync(admin.path).mode & 0o777).to.equal(0o600)
    for (const fd of [3, 4]) {
      expect(readlinkSync(`/proc/${held.starts[0]}/fd/${fd}`)).to.match(/^socket:/)
      const { flags } = descriptor(held.starts[0] as number, fd)
      expect(flags & 0o2000000, 'close-on-exec').to.not.equal(0)
    }
    client.end()
    root.end()
  })

  it('is there again for the next connection after it ended, which waits meanwhile', async () => {
    const held = await ServiceManager.hold(sockets(), command())
    manager = held
    const { path } = sockets()[0] as { path: string }
    const first = await RawClient.connect(path)
    await first.call('broker.status', {})
    process.kill(held.starts[0] as number, 'SIGTERM')
    // Somebody connects while it is on its way out: it does not listen any more, the socket does.
    await until(() => !existsSync(`/proc/${held.starts[0]}/fd/3`), 'the end of listening')
    const waiting = createConnection(path)
    waiting.write('{"jsonrpc":"2.0","id":1,"method":"broker.status","params":{}}\n')
    await held.until(() => held.exits.length === 1, 'the end')
    const answer = await new Promise<string>((resolve, reject) => {
      waiting.once('data', data => resolve(String(data)))
      waiting.once('error', reject)
      waiting.once('close', () => reject(new Error('the connection was closed without an answer')))
    })
    expect(JSON.parse(answer).result.pid).to.equal(held.starts[1])
    waiting.destroy()
  })

  it('leaves when nothing is to do, keeps whoever is connected, and is started by the next', async () => {
    const held = await ServiceManager.hold(sockets(), command())
    manager = held
    const { path } = sockets()[0] as { path: string }
    const first = await RawClient.connect(path)
    await first.call('broker.status', {})
    await delay(2_000)
    expect(held.exits, 'somebody is connected').to.deep.equal([])
    first.end()
    await held.until(() => held.exits.length === 1, 'the leave')
    expect(held.exits).to.deep.equal([0])
    const second = await RawClient.connect(path)
    const { result } = await second.call('broker.status', {})
    expect((result as { pid: number }).pid).to.equal(held.starts[1])
    second.end()
    await held.until(() => held.exits.length === 2, 'the second leave')
    const journal = readFileSync(`${home.config.journalDir}/${segment(home)}`, 'utf8')
    expect(journal.trim().split('\n').length, 'questions leave one checkpoint, not one a start').to.equal(1)
  })

  it('does not leave while a change waits for its confirmation', async () => {
    const held = await ServiceManager.hold(sockets(), command())
    manager = held
    const [panel, admin] = sockets().map(({ path }) => path) as [string, string]
    const root = await RawClient.connect(admin)
    const client = await RawClient.connect(panel)
    const { result } = await client.call('policy.describe', {})
    const digest = (result as { policies: { digest: string }[] }).policies[0]?.digest
    await root.call('policy.approve', { plugin: 'demo', digest })
    await client.call('policy.enable', { plugin: 'demo', digest })
    const origin = { plugin: 'demo', policy: digest, actor: { kind: 'user', id: '1', name: 'ani' } }
    const change = { change: 'note', files: { note: { opaque: 'hello' } } }
    const applied = await client.call('change.apply', {
      ...origin,
      ...change,
      changeId: 'c1',
      attempt: 1,
      deadline: 600,
    })
    expect(applied.error, JSON.stringify(applied)).to.equal(undefined)
    root.end()
    client.end()
    await delay(2_500)
    expect(held.exits, 'a change waits').to.deep.equal([])
    const fresh = await RawClient.connect(panel)
    expect((await fresh.call('change.confirm', { ...origin, changeId: 'c1' })).error).to.equal(undefined)
    fresh.end()
    await held.until(() => held.exits.length === 1, 'the leave')
    expect(held.exits).to.deep.equal([0])
  })

  it('says which socket it misses', async () => {
    const held = await ServiceManager.hold(sockets().slice(0, 1), command())
    manager = held
    held.start()
    await held.until(() => held.exits.length === 1, 'the end')
    expect(held.exits[0]).to.equal(1)
    expect(held.stderr).to.match(/the socket 'admin' was not handed over; start its unit/)
  })
})

function segment({ config }: BrokerHome): string {
  const [name, ...more] = readdirSync(config.journalDir).filter(file => !file.includes('.base'))
  expect(more).to.deep.equal([])
  return name as string
}

function descriptor(pid: number, fd: number): { readonly flags: number } {
  const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')
  return { flags: Number.parseInt(/flags:\s+(\d+)/.exec(text)?.[1] ?? '0', 8) }
}
