import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect } from 'chai'
import dns from 'dns-packet'
import { checkReadiness } from './check-readiness.js'
import { type NameResolver, nodeResolver } from './resolver.js'
import { World } from './testing.js'

describe('the resolver of Node', () => {
  let socket: Socket
  let resolver: NameResolver

  /** Answers by the first label of the name: an rcode of RFC 1035 §4.1.1, or silence. */
  before(async () => {
    socket = createSocket('udp4')
    socket.on('message', (message, { port, address }) => {
      const query = dns.decode(message)
      const name = query.questions?.[0]?.name ?? ''
      const rcode = { nxdomain: 3, servfail: 2, refused: 5, empty: 0 }[name.split('.')[0] ?? '']
      if (rcode === undefined) return
      const { id, questions = [] } = query
      socket.send(
        dns.encode({ type: 'response', id, questions, flags: dns.RECURSION_AVAILABLE | rcode }),
        port,
        address,
      )
    })
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    resolver = nodeResolver({ servers: [`127.0.0.1:${socket.address().port}`], timeout: 200, tries: 1 })
  })
  after(() => {
    socket.close()
  })

  it('tells apart what is not there from what cannot be told', async () => {
    expect(await resolver.a('nxdomain.test')).to.deep.equal({ kind: 'nonexistent' })
    expect(await resolver.aaaa('empty.test')).to.deep.equal({ kind: 'none' })
    expect(await resolver.caa('servfail.test')).to.deep.equal({ kind: 'failed', answered: true, reason: 'SERVFAIL' })
    expect(await resolver.a('refused.test')).to.deep.equal({ kind: 'failed', answered: true, reason: 'REFUSED' })
    expect(await resolver.a('silent.test')).to.deep.equal({ kind: 'failed', answered: false, reason: 'TIMEOUT' })
  })
})

describe('readiness with a real DNS server', () => {
  let server: ChildProcess
  let manage: (action: string, body: object) => Promise<Response>
  let resolver: NameResolver
  const world = new World()
  const probe = { token: 'abc', body: 'abc.def' }

  before(async function () {
    if (spawnSync('pebble-challtestsrv', ['-help']).error) return this.skip()
    const [dnsPort, managementPort] = [await freePort(), await freePort()]
    const none = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv4', '', '-defaultIPv6', '']
    const binds = ['-dns01', `127.0.0.1:${dnsPort}`, '-management', `127.0.0.1:${managementPort}`]
    server = spawn('pebble-challtestsrv', [...binds, ...none], { stdio: 'ignore' })
    manage = (action, body) =>
      fetch(`http://127.0.0.1:${managementPort}/${action}`, { method: 'POST', body: JSON.stringify(body) })
    await until(() => manage('clear-a', { host: 'none.test.' }))
    resolver = nodeResolver({ servers: [`127.0.0.1:${dnsPort}`], timeout: 1000 })
    await world.serve('93.184.216.34', (_, response) => response.end(probe.body))
  })
  after(async () => {
    server?.kill()
    await world.close()
  })

  it('finds what its records say', async () => {
    await manage('add-a', { host: 'example.test.', addresses: ['93.184.216.34'] })
    await manage('add-aaaa', { host: 'example.test.', addresses: ['2a04:4e42::1'] })
    const policies = [{ tag: 'issue', value: 'letsencrypt.org; validationmethods=dns-01' }]
    await manage('add-caa', { host: 'example.test.', policies })
    await manage('set-servfail', { host: 'broken.test.' })
    const deps = {
      resolver,
      server: { own: ['93.184.216.34'], public: [] },
      issuer: { identities: ['letsencrypt.org'], accountUri: null, method: 'http-01' as const },
      probe,
      get: world.get,
    }
    const codes = async (name: string) => (await checkReadiness(name, deps)).map(({ code }) => code)
    expect(await codes('example.test')).to.deep.equal([
      'address_aaaa_elsewhere',
      'caa_method',
      'challenge_refused',
      'proxy_none',
    ])
    expect(await codes('broken.test')).to.deep.equal(['address_servfail', 'caa_servfail'])
    expect(await codes('none.test')).to.deep.equal(['address_none', 'caa_none'])
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function until(attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await attempt()
      return
    } catch (error) {
      if (tries === 100) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
