import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { expect } from 'chai'
import type { Methods } from '../protocol.js'
import { type BrokerHome, brokerHome, type RunningBroker, startBroker } from '../testing/broker-process.js'
import { type Answer, RawClient } from '../testing/raw-client.js'
import type { HostFacts } from './facts.js'

describe('host.inspect', function () {
  this.timeout(30_000)
  const stranger = createServer()
  let home: BrokerHome
  let broker: RunningBroker
  let client: RawClient
  let port: number
  const ask = (params: unknown = {}) => client.call('host.inspect', params)
  const facts = async () => (await ask()).result as HostFacts

  before(async () => {
    await new Promise<void>(resolve => stranger.listen(0, '127.0.0.1', resolve))
    port = (stranger.address() as AddressInfo).port
    home = brokerHome({ ports: { http: port, https: 1 } })
    home.plugin('demo', {})
    broker = await startBroker(home)
    client = await RawClient.connect(broker.socket)
  })
  after(async () => {
    client.end()
    await broker.stop()
    home.remove()
    stranger.close()
  })

  it('takes no parameter', async () => {
    const refused: Answer = await ask({ path: '/etc/shadow' })
    expect(refused.error?.data?.code).to.equal('param_invalid')
  })

  it('names who took a public port', async () => {
    const { ports } = await facts()
    const { program, ...found } = ports[0] ?? {}
    expect(ports).to.have.length(1)
    expect(found).to.deep.include({ name: 'http', port, address: '127.0.0.1', pid: process.pid, own: false })
    expect(program).not.to.equal('')
  })

  it('says how the host is', async () => {
    const { disks, distribution, known, runtime, profile, permissions } = await facts()
    expect([profile, runtime, permissions]).to.deep.equal(['sandbox', process.version, []])
    expect(distribution).to.match(/^[a-z]+ [0-9.]+$/)
    expect(known).to.equal(true)
    expect(disks.map(({ path }) => path)).to.include(home.config.journalDir)
    for (const disk of disks) expect(disk.freeBytes).to.be.within(1, disk.bytes)
  })

  it('measures the machine, whose panel cannot see it', async () => {
    const { result } = await client.call('host.measure', {})
    const facts = result as Methods['host.measure']['result']
    expect(facts.hostname).to.equal(hostname())
    expect(facts.processors).to.be.at.least(1)
    expect(facts.memory.availableBytes).to.be.within(1, facts.memory.bytes)
    expect(facts.uptimeSeconds).to.be.at.least(1)
    expect(facts.load.every(each => each >= 0)).to.equal(true)
    expect(facts.disks).to.not.have.length(0)
    expect((await client.call('host.measure', { path: '/' })).error?.data?.code).to.equal('param_invalid')
  })

  it('names what others can change', async () => {
    const file = `${home.directory}/plugins/demo/privileges.json`
    chmodSync(file, 0o666)
    expect((await facts()).permissions.map(({ path, fault, mode }) => [path, fault, mode])).to.deep.equal([
      [file, 'writable', '0666'],
    ])
    chmodSync(file, 0o644)
  })

  it('tells of an upgrade that was taken back, and refuses a record that anybody could have written', async () => {
    const [at, reason] = ['2026-11-28T10:00:00Z', 'did not answer']
    const file = `${home.directory}/nusantara-upgrade/held.json`
    mkdirSync(dirname(file))
    writeFileSync(file, JSON.stringify({ running: '1.0.0', since: at }))
    expect((await facts()).upgrade).to.equal(undefined)
    writeFileSync(
      file,
      JSON.stringify({ running: '1.0.0', since: at, failed: { version: '1.1.0', reason, log: '', at } }),
    )
    expect((await facts()).upgrade).to.deep.equal({ from: '1.0.0', to: '1.1.0', at, reason })
    chmodSync(file, 0o666)
    expect((await ask()).error?.message).to.be.a('string')
    chmodSync(file, 0o600)
  })

  it('answers whoever asks at the same time with one look', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => facts()))
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).to.equal(1)
  })

  it('writes nothing into the journal', async () => {
    const { result } = await client.call('audit.verify', {})
    expect((result as Methods['audit.verify']['result']).entries).to.equal(0)
  })
})
