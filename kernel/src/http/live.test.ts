import 'reflect-metadata'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { expect } from 'chai'
import { Sessions } from '../auth/sessions.js'
import { Resources } from '../rbac/resources.js'
import { until } from '../testing/until.js'
import { EventStream } from './event-stream.js'
import { HttpFixture, type SignedIn } from './http-fixture.js'
import { HttpServer } from './http-server.js'
import { Live } from './live.js'

interface Listening {
  readonly status: number
  readonly type: string | undefined
  readonly blocks: Record<string, string>[]
  readonly ended: () => boolean
  readonly broken: () => boolean
  readonly response: IncomingMessage
  close(): void
}

/** An event stream as a browser reads it: one record of fields a block. */
function listen(
  server: HttpFixture,
  topics: string,
  as: SignedIn,
  headers: Record<string, string> = {},
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const path = `/api/v1/events?topics=${encodeURI(topics)}`
    const options = {
      host: '127.0.0.1',
      port: server.port,
      ca: server.ca,
      path,
      headers: { Cookie: as.cookie, ...headers },
      agent: false,
    }
    const request: ClientRequest = httpsRequest(options, response => {
      const blocks: Record<string, string>[] = []
      let text = ''
      let ended = false
      let broken = false
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        const parts = text.split('\n\n')
        text = parts.pop() ?? ''
        for (const part of parts)
          blocks.push(Object.fromEntries(part.split('\n').map(line => line.split(/: (.*)/s).slice(0, 2))))
      })
      response.on('end', () => {
        ended = true
      })
      response.on('error', () => {
        broken = true
      })
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers['content-type'],
        blocks,
        response,
        ended: () => ended,
        broken: () => broken,
        close: () => request.destroy(),
      })
    })
    request.on('error', reject)
    request.end()
  })
}

describe('the event stream', () => {
  let server: HttpFixture
  let live: Live
  let ani: SignedIn
  const open: Listening[] = []

  before(async () => {
    server = await HttpFixture.start()
    live = server.container.resolve(Live)
    server.access.define('shop', { 'shop:use': {}, 'shop:secret': {} })
    server.registry.addStream('shop', {
      topic: 'shop.orders:*',
      permission: 'shop:use',
      authorize: async (_actor, topic) => !topic.endsWith(':closed'),
    })
    server.registry.addStream('shop', { topic: 'shop.secrets', permission: 'shop:secret' })
    server.registry.addStream('kernel', { topic: 'notifications', permission: 'authenticated' })
    server.registry.addStream('shop', { topic: 'shop.item:*', permission: 'shop:use', resource: { type: 'item' } })
    ani = await server.signIn(['shop:use'], 'full', ['acme'])
  })
  after(() => server.stop())
  afterEach(async () => {
    for (const stream of open.splice(0)) stream.close()
    await until(() => live.listeners === 0)
  })

  const start = async (topics: string, as = ani, headers = {}) => {
    const stream = await listen(server, topics, as, headers)
    open.push(stream)
    if (stream.status === 200) await until(() => stream.blocks.length > 0)
    return stream
  }
  const events = ({ blocks }: Listening) =>
    blocks
      .filter(({ event }) => event && event !== 'ready')
      .map(({ event, data }) => [event, JSON.parse(data ?? 'null')])

  it('sends what is published on the topics asked for, and nothing else', async () => {
    const stream = await start('shop.orders:1,notifications')
    expect(stream.type).to.equal('text/event-stream')
    live.publish('shop.orders:2', { n: 0 })
    live.publish('shop.secrets', { n: 0 })
    live.publish('shop.orders:1', { n: 1, text: 'line\nbreak' })
    live.publish('notifications', { n: 2 })
    await until(() => events(stream).length === 2)
    expect(events(stream)).to.deep.equal([
      ['shop.orders:1', { n: 1, text: 'line\nbreak' }],
      ['notifications', { n: 2 }],
    ])
  })

  it("sends a user's own events under the topic's name to that user alone", async () => {
    const budi = await server.signIn(['shop:use'])
    const [mine, theirs] = [await start('notifications'), await start('notifications', budi)]
    live.publish(`notifications:${ani.userId}`, { for: 'ani' })
    live.publish('notifications', { for: 'all' })
    await until(() => events(mine).length === 2 && events(theirs).length === 1)
    expect(events(mine)).to.deep.equal([
      ['notifications', { for: 'ani' }],
      ['notifications', { for: 'all' }],
    ])
    const spying = await start(`notifications:${ani.userId}`, budi)
    expect(spying.status).to.equal(403)
  })

  it('checks every topic by itself and says which it refused', async () => {
    const stream = await start('shop.orders:1,shop.orders:closed,shop.secrets,unknown,job:1,bad topic')
    expect(JSON.parse(stream.blocks[0]?.data ?? '')).to.deep.equal({
      topics: ['shop.orders:1'],
      refused: ['shop.orders:closed', 'shop.secrets', 'unknown', 'job:1', 'bad topic'],
    })
    live.publish('shop.secrets', {})
    live.publish('shop.orders:closed', {})
    live.publish('shop.orders:1', {})
    await until(() => events(stream).length === 1)
    expect((await start('shop.secrets')).status).to.equal(403)
  })

  it('tells of a resource only who may touch it', async () => {
    await server.signIn([], 'full', ['rival'])
    const resources = server.container.resolve(Resources)
    await server.state.transaction(async trx => {
      await resources.create(trx, { id: 'mine', type: 'item', accountId: 'acme' })
      await resources.create(trx, { id: 'theirs', type: 'item', accountId: 'rival' })
    })
    const stream = await start(
      'shop.item:mine,shop.item:theirs,resource:item:mine,resource:item:theirs,resource:other:mine',
    )
    expect(JSON.parse(stream.blocks[0]?.data ?? '').topics).to.deep.equal(['shop.item:mine', 'resource:item:mine'])
  })

  it('goes on where the client left off, and says when that is not possible', async () => {
    const first = await start('shop.orders:1')
    live.publish('shop.orders:1', 1)
    await until(() => events(first).length === 1)
    const last = first.blocks.at(-1)?.id ?? ''
    first.close()
    live.publish('shop.orders:1', 2)
    live.publish('shop.orders:2', 'other')
    live.publish('shop.orders:1', 3)
    const second = await start('shop.orders:1', ani, { 'Last-Event-ID': last })
    await until(() => events(second).length === 2)
    expect(events(second)).to.deep.equal([
      ['shop.orders:1', 2],
      ['shop.orders:1', 3],
    ])
    const third = await start(`shop.orders:1&after=${last}`)
    await until(() => events(third).length === 2)
    const newest = third.blocks.at(-1)?.id ?? ''
    const fourth = await start(`shop.orders:1&after=${last}`, ani, { 'Last-Event-ID': newest })
    live.publish('shop.orders:1', 4)
    await until(() => events(fourth).length > 0)
    expect(events(fourth)).to.deep.equal([['shop.orders:1', 4]])
    for (let n = 0; n < 1100; n++) live.publish('shop.orders:2', n)
    for (const stale of [last, 'otherserver-5', 'nonsense', `${last.split('-')[0]}-99999999`]) {
      const stream = await start('shop.orders:1', ani, { 'Last-Event-ID': stale })
      await until(() => events(stream).length === 1)
      expect(events(stream)).to.deep.equal([['reset', {}]])
    }
  })

  it("ends within a second's grace once its session is revoked", async () => {
    const budi = await server.signIn(['shop:use'])
    const stream = await start('shop.orders:1', budi)
    await server.container.resolve(Sessions).revoke(budi.sessionId)
    await until(() => {
      live.publish('shop.orders:1', 'tick')
      return stream.ended()
    })
    expect(events(stream).length).to.be.greaterThan(0)
  })

  it('ends when its user leaves an account, whose resources it may follow', async () => {
    const budi = await server.signIn(['shop:use'], 'full', ['acme'])
    const stream = await start('shop.orders:1', budi)
    await server.state.knex('account_members').where({ user_id: budi.userId }).delete()
    await until(() => {
      live.publish('shop.orders:1', 'tick')
      return stream.ended()
    })
    expect((await start('shop.orders:1', budi)).status).to.equal(200)
  })

  it('is cut when its client does not read', async () => {
    const stream = await start('shop.orders:1')
    stream.response.pause()
    const chunk = 'x'.repeat(100_000)
    let published = 0
    await until(() => {
      live.publish('shop.orders:1', chunk)
      return ++published > 3000 || live.listeners === 0
    }, 20_000)
    expect(live.listeners).to.equal(0)
    stream.response.resume()
    await until(() => stream.broken() || stream.ended())
    expect(published).to.be.lessThan(3000)
  })

  it('is limited to a number for each session', async () => {
    const budi = await server.signIn(['shop:use'])
    for (let n = 0; n < 16; n++) expect((await start('shop.orders:1', budi)).status).to.equal(200)
    expect((await start('shop.orders:1', budi)).status).to.equal(429)
    open[0]?.close()
    for (const stream of open.splice(0)) stream.close()
    await until(() => live.listeners === 0)
    expect((await start('shop.orders:1', budi)).status).to.equal(200)
  })

  it('beats while nothing happens, and checks then too whether it may go on', async () => {
    let allowed = true
    let checks = 0
    const stream = new EventStream(live, {
      topics: new Map([['a', 'a']]),
      refused: [],
      signal: new AbortController().signal,
      heartbeatMs: 5,
      stillAllowed: async () => {
        checks++
        return allowed
      },
      cut: () => undefined,
    })
    const seen: string[] = []
    for await (const text of stream) {
      seen.push(text)
      if (seen.length === 4) allowed = false
    }
    expect(seen.slice(1).every(text => /^: \nid: \w+-\d+\n\n$/.test(text))).to.equal(true)
    expect(checks).to.be.greaterThan(2)
  })

  it('ends cleanly when the server stops', async () => {
    const other = await HttpFixture.start()
    other.registry.addStream('kernel', { topic: 'notifications', permission: 'authenticated' })
    const stream = await listen(other, 'notifications', await other.signIn([]))
    await until(() => stream.blocks.length > 0)
    await other.container.resolve(HttpServer).stop()
    await until(() => stream.ended())
    expect(stream.broken()).to.equal(false)
    await other.stop()
  })
})
