import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { nodeFlags } from '../host/node-flags.js'
import { ServiceManager } from '../testing/service-manager.js'
import { type BrokerHome, brokerHome } from './testing/broker-process.js'
import { RawClient } from './testing/raw-client.js'
import { until } from './testing/until.js'

const main = fileURLToPath(new URL('./main.js', import.meta.url))

describe('a broker that is started by its sockets', function () {
  this.timeout(30_000)
  let home: BrokerHome
  let manager: ServiceManager | undefined
  beforeEach(() => {
    home = brokerHome()
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

  it('says which socket it misses', async () => {
    const held = await ServiceManager.hold(sockets().slice(0, 1), command())
    manager = held
    held.start()
    await held.until(() => held.exits.length === 1, 'the end')
    expect(held.exits[0]).to.equal(1)
    expect(held.stderr).to.match(/the socket 'admin' was not handed over; start its unit/)
  })
})

function descriptor(pid: number, fd: number): { readonly flags: number } {
  const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')
  return { flags: Number.parseInt(/flags:\s+(\d+)/.exec(text)?.[1] ?? '0', 8) }
}
