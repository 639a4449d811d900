import 'reflect-metadata'
import { statSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { Joi, object } from '@nusantara/sdk'
import { expect } from 'chai'
import { until } from '../testing/until.js'
import { HttpFixture, type SignedIn } from './http-fixture.js'
import type { KernelRequest } from './kernel-request.js'
import { Sockets } from './sockets.js'
import { Traffic } from './traffic.js'

const visitor = '198.51.100.7'
const name = 'front.example.test'

/** As a web server on the same machine sends on what came to it over TLS for a name of the panel. */
describe('the door for a web server', () => {
  let server: HttpFixture
  let ani: SignedIn
  let seen: KernelRequest | undefined

  before(async () => {
    server = await HttpFixture.start()
    server.access.define('shop', { 'shop:use': {} })
    server.registry.add('shop', {
      operation: 'shop.put',
      method: 'POST',
      path: '/put',
      permission: 'shop:use',
      summary: 'Test',
      body: object<{ a?: string }>({ a: Joi.string() }),
      response: Joi.object(),
      handler: async request => {
        seen = request as KernelRequest
        return {}
      },
    })
    ani = await server.signIn(['shop:use'])
  })
  after(() => server.stop())
  beforeEach(() => {
    seen = undefined
  })

  const door = () => join(server.home, 'run', 'front.sock')
  const ours = { Host: name, 'X-Forwarded-For': visitor }
  const as = (who: SignedIn) => ({ Cookie: who.cookie, 'X-CSRF-Token': who.csrf, Origin: `https://${name}` })

  function open(path: string, headers: Record<string, string | string[]>, method = 'GET'): Promise<IncomingMessage> {
    const kept = Object.entries(headers).filter(([, value]) => value !== '')
    return new Promise((resolve, reject) => {
      request({ socketPath: door(), path, method, headers: Object.fromEntries(kept), agent: false }, resolve)
        .on('error', reject)
        .end()
    })
  }
  const ask = async (path: string, headers: Record<string, string | string[]> = {}, method = 'GET') => {
    const answer = await open(path, { ...ours, ...headers }, method)
    const text = await readAll(answer)
    const json = /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(text) : undefined
    return { status: answer.statusCode, headers: answer.headers, text, json }
  }
  const put = (headers: Record<string, string> = {}) => ask('/api/v1/shop/put', headers, 'POST')

  it('is for its owner alone where no service manager makes it, and answers any name that was let through', async () => {
    expect(statSync(door()).mode & 0o777).to.equal(0o600)
    const answer = await ask('/healthz')
    expect([answer.status, answer.text]).to.deep.equal([200, 'ok\n'])
    const data = await put({ Host: `${name}:8444` })
    expect(data.headers['strict-transport-security'], 'it is met over TLS').to.match(/^max-age=\d+$/)
    for (const Host of ['a b', 'front.example.test@evil', 'x:y'])
      expect((await ask('/healthz', { Host })).json.code, Host).to.equal('misdirected_host')
  })

  it('gives nobody the rights of the command line', async () => {
    const refused = await put()
    expect([refused.status, refused.json.code]).to.deep.equal([401, 'unauthenticated'])
    expect((await ask('/metrics')).status).to.equal(401)
    expect(seen).to.equal(undefined)
  })

  it('takes a session with its token and the Origin of its own name, and nothing less', async () => {
    expect((await put(as(ani))).status).to.equal(200)
    const less: [Record<string, string>, string][] = [
      [{ 'X-CSRF-Token': '' }, 'csrf_refused'],
      [{ Origin: '' }, 'origin_refused'],
      [{ Origin: `http://${name}` }, 'origin_refused'],
      [{ Origin: `https://${name}:8443` }, 'origin_refused'],
      [{ Origin: 'https://panel.example.test' }, 'origin_refused'],
    ]
    for (const [change, code] of less) expect((await put({ ...as(ani), ...change })).json.code, code).to.equal(code)
    const withPort = { Host: `${name}:8444`, Origin: `https://${name}:8444` }
    expect((await put({ ...as(ani), ...withPort })).status).to.equal(200)
  })

  it('believes the last address that X-Forwarded-For names, and no other', async () => {
    for (const [sent, address] of [
      [visitor, visitor],
      [`203.0.113.1, ${visitor}`, visitor],
      ['::ffff:198.51.100.8', '198.51.100.8'],
      ['2001:db8::7', '2001:db8::7'],
    ] as const) {
      await put({ ...as(ani), 'X-Forwarded-For': sent, 'X-Real-IP': '203.0.113.9' })
      expect(seen?.address, sent).to.equal(address)
    }
    const [last] = (await server.audited()).slice(-1)
    expect(last?.action).to.equal('shop.put')
    expect(JSON.stringify(last)).to.include('2001:db8::7')
  })

  it('refuses who does not say whose request it is', async () => {
    for (const sent of ['', 'unix:', 'unknown', `${visitor}, `, `${visitor}, localhost`, '1.2.3.4:80']) {
      const answer = await put({ ...as(ani), 'X-Forwarded-For': sent })
      expect([answer.status, answer.json.code], sent).to.deep.equal([400, 'client_unnamed'])
    }
    expect(seen).to.equal(undefined)
  })

  it('streams events at once, and lets go when the client does', async () => {
    server.registry.addStream('shop', { topic: 'sales', permission: 'shop:use' })
    const stream = await open('/api/v1/events?topics=sales', { ...ours, ...as(ani) })
    expect(stream.statusCode).to.equal(200)
    const [first] = (await stream.iterator({ destroyOnReturn: false }).next()).value.toString().split('\n')
    expect(first).to.equal('retry: 2000')
    const { connections } = server.container.resolve(Traffic)
    stream.destroy()
    await until(() => server.container.resolve(Traffic).connections < connections)
  })

  it('opens a WebSocket for a page of that name alone, and tells who came', async () => {
    let address: string | undefined
    const remove = server.container.resolve(Sockets).addSocket('shop', {
      path: '/live',
      permission: 'shop:use',
      handler: ({ actor, socket }) => {
        address = actor.address
        socket.close()
      },
    })
    const path = '/api/v1/shop/live'
    const handshake = async (headers: Record<string, string>) => {
      const ticket = await ticketFor(path)
      return raw(`GET ${path}?ticket=${ticket} HTTP/1.1`, {
        ...ours,
        Cookie: ani.cookie,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        Origin: `https://${name}`,
        ...headers,
      })
    }
    expect(await handshake({ Origin: 'https://evil.example' })).to.match(/^HTTP\/1\.1 403 /)
    expect(await handshake({ 'X-Forwarded-For': 'unix:' })).to.match(/^HTTP\/1\.1 400 /)
    expect(await handshake({})).to.match(/^HTTP\/1\.1 101 /)
    expect(address).to.equal(visitor)
    remove()
  })

  /** A ticket is the session's, through whichever door it asked for it. */
  async function ticketFor(path: string): Promise<string> {
    return (await server.ask('/api/v1/tickets', { method: 'POST', as: ani, body: { path } })).json.ticket
  }

  /** The beginning of the answer. */
  function raw(line: string, headers: Record<string, string>): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path: door() })
      socket.on('data', chunk => {
        socket.destroy()
        resolve(String(chunk))
      })
      socket.on('error', reject)
      const fields = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`)
      socket.write(`${line}\r\n${fields.join('')}\r\n`)
    })
  }
})
