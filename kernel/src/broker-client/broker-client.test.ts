import { readFileSync } from 'node:fs'
import 'reflect-metadata'
import { type Actor, systemActor } from '@nusantara/sdk'
import { Problem } from '@nusantara/sdk/problem'
import { expect } from 'chai'
import { allProcesses } from '../broker/process-identity.js'
import {
  type BrokerHome,
  brokerHome,
  type RunningBroker,
  startBroker,
  unprivileged,
} from '../broker/testing/broker-process.js'
import { until } from '../broker/testing/until.js'
import { BrokerClient } from './broker-client.js'
import { pluginBroker } from './plugin-broker.js'

const manifest = {
  operations: { wait: { bin: '/usr/bin/sleep', argv: ['91'], runAs: 'root', risk: 'low', timeout: '5m' } },
  files: {
    note: { path: ['${etc}/demo/note.txt'], format: 'opaque', owner: 'root', mode: '0644', maxBytes: 100 },
  },
  services: {
    rest: { unit: 'rest.service', verbs: ['status'], sandbox: { bin: '/usr/bin/sleep', argv: ['90'] } },
  },
  changes: { note: { files: ['note'], service: 'rest' } },
}

describe('broker client', function () {
  this.timeout(15_000)
  let home: BrokerHome
  let broker: RunningBroker
  let client: BrokerClient
  const actor: Actor = systemActor('demo')
  before(async () => {
    home = brokerHome({}, unprivileged())
    home.plugin('demo', manifest)
    broker = await startBroker(home, unprivileged())
    client = new BrokerClient({ brokerSocket: broker.socket })
  })
  after(async () => {
    await client?.close()
    await broker?.stop('SIGINT')
    home?.remove()
  })
  const plugin = async () => {
    const { policies } = await client.call('policy.describe', {})
    return pluginBroker(client, 'demo', policies[0]?.digest ?? '')
  }

  it('carries many calls over one connection', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => client.call('broker.status', {})))
    expect(new Set(answers.map(({ pid }) => pid))).to.deep.equal(new Set([broker.pid]))
  })

  it('holds back what the broker would refuse as too much at once', async () => {
    const answers = await Promise.all(Array.from({ length: 4000 }, () => client.call('broker.status', {})))
    expect(answers).to.have.length(4000)
  })

  it('turns an error of the broker into its problem with code, status and parameters', async () => {
    const demo = await plugin()
    const problem = (await demo.run('nope', { actor }).catch(error => error)) as Problem
    expect(problem).to.be.instanceOf(Problem)
    expect([problem.code, problem.status, problem.params]).to.deep.equal([
      'operation_unknown',
      404,
      { plugin: 'demo', operation: 'nope' },
    ])
  })

  it('refuses a call whose signal is aborted already', async () => {
    const reason = new Error('no longer wanted')
    expect(
      await client.call('broker.status', {}, { signal: AbortSignal.abort(reason) }).catch(error => error),
    ).to.equal(reason)
  })

  it('confirms a change over a connection of its own, as the broker demands', async () => {
    const demo = await plugin()
    const change = { change: 'note', files: { note: { opaque: 'hello' } } }
    const { state } = await demo.applyChange(change, { actor, changeId: 'c1', attempt: 1, deadline: 600 })
    expect(state).to.equal('awaiting_confirmation')
    const { policies } = await client.call('policy.describe', {})
    const origin = { plugin: 'demo', policy: policies[0]?.digest ?? '', actor: { kind: 'user', id: '1', name: 'ani' } }
    const stale = await client
      .call('change.confirm', { ...origin, changeId: 'c1' })
      .catch((error: Problem) => error.code)
    expect(stale).to.equal('confirmation_stale')
    expect((await demo.confirmChange('c1', { actor })).state).to.equal('applied')
    expect((await demo.describeChange('c1'))?.state).to.equal('applied')
  })

  it('lets go of the connection when nothing is asked for a while, and has it again with the next call', async () => {
    const inodes = () =>
      readFileSync('/proc/net/unix', 'utf8')
        .split('\n')
        .filter(line => line.endsWith(broker.socket)).length
    expect((await client.call('broker.status', {})).pid).to.equal(broker.pid)
    const connected = inodes()
    await until(() => inodes() < connected, 'the end of the connection', 8_000)
    expect((await client.call('broker.status', {})).pid).to.equal(broker.pid)
    expect(inodes()).to.equal(connected)
  })

  it('fails what was under way when the broker dies, and connects again by itself', async () => {
    const demo = await plugin()
    const waiting = demo.run('wait', { actor }).catch(error => error)
    await until(() => allProcesses().some(({ pid }) => commandOf(pid) === '/usr/bin/sleep 91 '), 'the start')
    await broker.stop('SIGKILL')
    expect(((await waiting) as Problem).code).to.equal('broker_unavailable')
    const away = (await client.call('broker.status', {}).catch(error => error)) as Problem
    expect([away.code, away.status]).to.deep.equal(['broker_unavailable', 503])
    broker = await startBroker(home, unprivileged())
    expect((await client.call('broker.status', {})).pid).to.equal(broker.pid)
    // What the killed broker left running has been ended before the first request.
    expect(allProcesses().some(({ pid }) => commandOf(pid) === '/usr/bin/sleep 91 ')).to.equal(false)
    expect((await client.call('audit.verify', {})).problems).to.deep.equal([])
  })
})

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
