import { expect } from 'chai'
import { type PropagationOptions, requirePropagation, waitForPropagation } from './propagation.js'
import { providerOf } from './provider.js'
import { Resolver } from './resolver.js'
import { freePort, type Named, startNamed } from './testing/named.js'
import { refusal } from './testing/refusal.js'

const signal = new AbortController().signal
const records = ['@ NS ns1', '@ NS ns2', 'ns1 A 127.0.0.1', 'ns1 AAAA fe80::1', 'ns2 A 127.0.0.2']
const zones = {
  'example.test': { records: [...records, '_acme-challenge.shop CNAME shop'] },
  'lame.test': { records: ['@ NS ns1.example.test.', '@ NS ns2.example.test.', '@ NS nowhere.example.test.'] },
}

describe('propagation to the authoritative servers', () => {
  let first: Named
  let second: Named
  let resolver: Resolver
  before(async () => {
    const { 'lame.test': _, ...without } = zones
    first = await startNamed(zones)
    second = await startNamed(without)
    resolver = new Resolver([first.endpoint])
  })
  after(async () => {
    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
  })

  const publish = (named: Named, name: string, value = 'v') =>
    providerOf({ type: 'rfc2136', server: named.server }, { resolver }).present({ name, value }, signal)
  const endpoint = (address: string) => {
    if (address === '127.0.0.1') return first.endpoint
    return address === '127.0.0.2' ? second.endpoint : { address, port: 53 }
  }
  /** Time passes by waiting alone. */
  const clock = (during: (waited: number) => Promise<void> | void = () => {}) => {
    let time = 0
    const pauses: number[] = []
    const wait = async (milliseconds: number) => {
      pauses.push(milliseconds)
      time += milliseconds
      await during(pauses.length)
    }
    return { pauses, now: () => time, wait }
  }
  const waitFor = (name: string, options: Partial<PropagationOptions> = {}) =>
    waitForPropagation({ name, value: 'v' }, { signal, resolver, endpoint, ...options })

  it('waits for the server that lags, and tells how many there are already', async () => {
    const name = '_acme-challenge.lag.example.test'
    await publish(first, name)
    await publish(second, name, 'of another order')
    const rounds: string[] = []
    const time = clock(async waited => {
      if (waited === 2) await publish(second, name)
    })
    const result = await waitFor(name, { ...time, progress: (seen, of) => rounds.push(`${seen}/${of}`) })
    expect(result).to.deep.equal({ name, seen: 2, of: 2, lacking: [] })
    expect(rounds).to.deep.equal(['1/2', '1/2', '2/2'])
    expect(time.pauses).to.deep.equal([1000, 2000])
    requirePropagation(result)
  })

  it('asks the servers that are given in place of those that the zone names', async () => {
    await publish(second, '_acme-challenge.given.example.test')
    const seen = await waitFor('_acme-challenge.given.example.test', {
      nameservers: [second.endpoint],
      endpoint: () => expect.fail('another one was asked'),
    })
    expect(seen).to.deep.include({ seen: 1, of: 1, lacking: [] })
    const lacking = await waitFor('_acme-challenge.given.example.test', { nameservers: [first.endpoint], timeout: 0 })
    expect(lacking.lacking[0]).to.include({ name: first.server, address: '127.0.0.1', reason: 'absent' })
  })

  it('follows the delegation of the challenge', async () => {
    await publish(first, 'shop.example.test')
    await publish(second, 'shop.example.test')
    expect(await waitFor('_acme-challenge.shop.example.test', clock())).to.include({
      name: 'shop.example.test',
      seen: 2,
    })
  })

  it('ends after ten minutes and names who lacks the record', async () => {
    const name = '_acme-challenge.never.example.test'
    await publish(first, name)
    const time = clock()
    const result = await waitFor(name, time)
    expect(result.lacking).to.deep.equal([{ name: 'ns2.example.test', address: '127.0.0.2', reason: 'absent' }])
    expect(time.now()).to.equal(600_000)
    expect(time.pauses.slice(0, 6)).to.deep.equal([1000, 2000, 4000, 8000, 15_000, 15_000])
    const problem = await refusal(Promise.resolve().then(() => requirePropagation(result)))
    const servers = 'ns2.example.test 127.0.0.2 (absent)'
    expect([problem.code, problem.params]).to.deep.equal(['ssl.dns_not_propagated', { name, seen: 1, of: 2, servers }])
  })

  it('tells servers that do not hold the zone, have no address, or do not answer', async () => {
    const name = '_acme-challenge.lame.test'
    await publish(first, name)
    const { lacking } = await waitFor(name, { ...clock(), timeout: 0 })
    // A server answers its NS records in any order.
    expect(lacking.map(server => `${server.name} ${server.address} ${server.reason}`)).to.have.members([
      'ns2.example.test 127.0.0.2 REFUSED',
      'nowhere.example.test  no_address',
    ])
    const port = await freePort()
    const dead = await waitFor(name, { ...clock(), timeout: 0, endpoint: address => ({ address, port }) })
    const refused = dead.lacking.filter(server => server.reason === 'ECONNREFUSED')
    expect(refused.map(server => server.address)).to.have.members(['127.0.0.1', '127.0.0.2'])
  })

  it('stops at once when the job is cancelled, while it waits and while it asks', async () => {
    const reason = new Error('cancelled')
    const waiting = new AbortController()
    const pause = waitFor('_acme-challenge.cancel.example.test', {
      signal: waiting.signal,
      progress: () => setImmediate(() => waiting.abort(reason)),
    })
    expect(await pause.catch((error: unknown) => error)).to.equal(reason)
    const asking = new AbortController()
    const silent = waitFor('_acme-challenge.cancel.example.test', {
      signal: asking.signal,
      endpoint: address => {
        setImmediate(() => asking.abort(reason))
        return endpoint(address)
      },
      wait: () => Promise.resolve(),
    })
    expect(await silent.catch((error: unknown) => error)).to.equal(reason)
  })
})
