import 'reflect-metadata'
import { existsSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { Agent } from 'node:https'
import { connect as connectTcp, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { Joi, object, type Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { until } from '../testing/until.js'
import { ConnectionCap } from './connection-limits.js'
import { HttpFixture, type SignedIn } from './http-fixture.js'
import { HttpServer } from './http-server.js'
import type { KernelRequest } from './kernel-request.js'

/** Sends bytes as they are and answers everything that comes back until the server closes. */
function raw(server: HttpFixture, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.port, ca: server.ca, servername: 'localhost' }, () =>
      socket.write(text),
    )
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

describe('the HTTPS server', () => {
  let server: HttpFixture
  let ani: SignedIn
  let seen: KernelRequest | undefined

  before(async () => {
    server = await HttpFixture.start({ trustedProxies: ['127.0.0.2', '10.0.0.0/8'] })
    server.access.define('shop', { 'shop:use': {} })
    const base = { permission: 'shop:use', summary: 'Test', response: Joi.object() } as const
    server.registry.add('shop', {
      ...base,
      operation: 'shop.look',
      method: 'GET',
      path: '/look',
      handler: async request => {
        seen = request as KernelRequest
        return {}
      },
    })
    server.registry.add('shop', {
      ...base,
      operation: 'shop.put',
      method: 'POST',
      path: '/put',
      body: object<{ a?: string }>({ a: Joi.string() }),
      handler: async () => ({}),
    })
    ani = await server.signIn(['shop:use'])
  })
  after(() => server.stop())

  it('answers /healthz to anybody with no detail', async () => {
    const answer = await server.ask('/healthz')
    expect([answer.status, answer.text]).to.deep.equal([200, 'ok\n'])
  })

  it('shows its figures to who may read them', async () => {
    expect((await server.ask('/metrics')).status).to.equal(401)
    const { text } = await server.ask('/metrics', { as: await server.signIn(['metrics:read']) })
    expect(text).to.match(/nusa_http_requests_total\{operation="health\.check",status="200"\} [1-9]/)
    expect(text).to.match(/^nusa_process_resident_memory_bytes \d+$/m)
  })

  it('answers to its own addresses and the configured names, and to no other', async () => {
    const own = Object.values(networkInterfaces()).flatMap(list =>
      (list ?? []).map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address)),
    )
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      '127.0.0.1',
      '[::1]:8443',
      'panel.example.test',
      'panel.example.test.',
      ...own,
    ]) {
      expect((await server.ask('/healthz', { headers: { Host: host } })).status, host).to.equal(200)
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'panel.example.test.evil',
      '192.0.2.77',
      'localhost@evil',
      '[::2]',
      'a b',
      '127.0.0.1:x',
    ]) {
      const answer = await server.ask('/healthz', { headers: { Host: host } })
      expect([answer.status, answer.json.code], host).to.deep.equal([421, 'misdirected_host'])
    }
  })

  for (const [what, request, status] of [
    [
      'two different Content-Length headers',
      'POST /api/v1/shop/put HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}',
      400,
    ],
    [
      'two equal Content-Length headers',
      'POST /api/v1/shop/put HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}',
      400,
    ],
    [
      'Content-Length beside Transfer-Encoding',
      'POST /api/v1/shop/put HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['an empty Host', 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 421],
    ['two Hosts', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421],
    [
      'an absolute target',
      'GET https://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
    ['an asterisk target', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 501],
    ['a method nobody knows', 'BREW / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    ['oversized headers', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ] as const) {
    it(`refuses ${what}`, async () => {
      expect(await raw(server, request)).to.match(new RegExp(`^HTTP/1\\.1 ${status} `))
    })
  }

  it('refuses TLS below 1.2', async () => {
    const attempt = new Promise((resolve, reject) => {
      const socket: TLSSocket = connect(
        {
          host: '127.0.0.1',
          port: server.port,
          ca: server.ca,
          servername: 'localhost',
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'ALL:@SECLEVEL=0',
        },
        () => resolve(socket.getProtocol()),
      )
      socket.on('error', reject)
    })
    const error = await attempt.then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    )
    expect(error?.code).to.match(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/)
  })

  it('believes X-Forwarded-For from its proxies alone', async () => {
    const headers = {
      'X-Forwarded-For': '198.51.100.7',
      'CF-Connecting-IP': '198.51.100.8',
      'X-Real-IP': '198.51.100.9',
      Forwarded: 'for=198.51.100.6',
    }
    await server.ask('/api/v1/shop/look', { as: ani, headers })
    expect(seen?.address).to.equal('127.0.0.1')
    const proxy = new Agent({ ca: server.ca, localAddress: '127.0.0.2' })
    await server.ask('/api/v1/shop/look', { as: ani, headers, agent: proxy })
    expect(seen?.address).to.equal('198.51.100.7')
    await server.ask('/api/v1/shop/look', {
      as: ani,
      headers: { 'X-Forwarded-For': '203.0.113.1, 198.51.100.7, 10.1.2.3' },
      agent: proxy,
    })
    expect(seen?.address, 'what the client wrote itself does not count').to.equal('198.51.100.7')
    proxy.destroy()
  })

  it('takes a body in chunks up to its limit, and cuts what is longer', async () => {
    const head = `POST /api/v1/shop/put HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nOrigin: ${server.origin}\r\nCookie: ${ani.cookie}\r\nX-CSRF-Token: ${ani.csrf}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n`
    expect(await raw(server, `${head}Connection: close\r\n\r\n7\r\n{"a":"b\r\n2\r\n"}\r\n0\r\n\r\n`)).to.match(
      /^HTTP\/1\.1 200 /,
    )
    const long = 'x'.repeat(70_000)
    expect(await raw(server, `${head}\r\n${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`)).to.match(
      /^HTTP\/1\.1 413 /,
    )
  })

  it('lets the command line in through a socket of mode 0600, as who may do everything, without TLS or CSRF token', async () => {
    const path = join(server.home, 'run', 'panel.sock')
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest({ socketPath: path, path: '/api/v1/shop/put', method: 'POST' }, response => {
        response.resume()
        resolve(response.statusCode)
      })
      request.on('error', reject)
      request.end()
    })
    expect(status).to.equal(200)
    const [last] = (await server.audited()).slice(-1)
    expect([last?.action, last?.actor.kind]).to.deep.equal(['shop.put', 'cli'])
  })

  it('says which port is taken, and does not take the socket of a running panel', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await until(() => blocker.listening)
    const { port } = blocker.address() as { port: number }
    const failure = await HttpFixture.start({ port }).then(
      () => undefined,
      (error: Problem) => error,
    )
    blocker.close()
    expect([failure?.code, failure?.params]).to.deep.equal(['port_taken', { port, address: '127.0.0.1' }])
    const second = await HttpFixture.start({ home: server.home, port: 0 }).then(
      () => undefined,
      (error: Problem) => error,
    )
    expect(second?.code).to.equal('socket_taken')
  })
})

describe('a server that stops', () => {
  it('finishes what runs, takes nothing new, and leaves no connection and no socket', async () => {
    const server = await HttpFixture.start()
    server.access.define('shop', { 'shop:use': {} })
    let started = false
    let release = () => {}
    const gate = new Promise<void>(resolve => {
      release = resolve
    })
    server.registry.add('shop', {
      operation: 'shop.slow',
      method: 'GET',
      path: '/slow',
      permission: 'shop:use',
      summary: 'Waits',
      response: Joi.object(),
      handler: async () => {
        started = true
        await gate
        return { done: true }
      },
    })
    const as = await server.signIn(['shop:use'])
    await server.ask('/healthz')
    const running = server.ask('/api/v1/shop/slow', { as })
    await until(() => started)
    const stopping = server.container.resolve(HttpServer).stop()
    const refused = await new Promise(resolve => {
      connectTcp(server.port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    })
    expect(refused).to.equal('ECONNREFUSED')
    release()
    const answer = await running
    expect([answer.status, answer.json, answer.headers.connection]).to.deep.equal([200, { done: true }, 'close'])
    await stopping
    expect(existsSync(join(server.home, 'run', 'panel.sock'))).to.equal(false)
    await server.stop()
  })

  it('starts again over the socket that a killed process left', async () => {
    const server = await HttpFixture.start()
    const path = join(server.home, 'run', 'panel.sock')
    await server.container.resolve(HttpServer).stop()
    await writeFile(path, '')
    const again = await HttpFixture.start({ home: server.home })
    expect(statSync(path).isSocket()).to.equal(true)
    await again.stop()
    await server.stop()
  })
})

describe('the connection cap', () => {
  /** A connection that says when it closes. */
  class Connection {
    destroyed = false
    #closed: (() => void)[] = []
    constructor(readonly remoteAddress?: string) {}
    once(_: string, listener: () => void) {
      this.#closed.push(listener)
    }
    destroy() {
      this.destroyed = true
      for (const listener of this.#closed.splice(0)) listener()
    }
  }

  it("cuts one client's surplus and leaves room for others", () => {
    const cap = new ConnectionCap({ total: 5, perClient: 2 }, address => address === '10.0.0.1')
    const open = (remoteAddress: string) => {
      const connection = new Connection(remoteAddress)
      cap.accept(connection as never)
      return connection
    }
    const first = open('2001:db8::1')
    open('2001:db8::ffff:2')
    expect(open('2001:db8:0:0:9::1').destroyed, 'one /64 is one client').to.equal(true)
    expect(open('2001:db8:0:1::1').destroyed).to.equal(false)
    expect(open('10.0.0.1').destroyed).to.equal(false)
    expect(open('10.0.0.1').destroyed).to.equal(false)
    expect(open('192.0.2.1').destroyed, 'full').to.equal(true)
    first.destroy()
    expect(open('192.0.2.1').destroyed).to.equal(false)
    expect(cap.total).to.equal(5)
  })

  it('counts connections that a web server brings to whom each request says', () => {
    const cap = new ConnectionCap({ total: 4, perClient: 2 }, () => false)
    const open = (client?: string) => {
      const connection = new Connection()
      cap.acceptUnnamed(connection as never)
      if (client !== undefined) cap.claim(connection as never, client)
      return connection
    }
    const [first, second] = [open('192.0.2.1'), open('192.0.2.1')]
    expect(open('192.0.2.1').destroyed, 'the third of one client').to.equal(true)
    expect([first.destroyed, open('192.0.2.2').destroyed]).to.deep.equal([false, false])
    expect(cap.claim(second as never, '192.0.2.1'), 'its next request').to.equal(true)
    expect(cap.claim(second as never, '192.0.2.2'), 'somebody else’s request over it').to.equal(true)
    expect(open('192.0.2.1').destroyed).to.equal(false)
    expect(open().destroyed, 'full').to.equal(true)
    for (const each of [first, second]) each.destroy()
    expect(cap.total).to.equal(2)
  })
})
