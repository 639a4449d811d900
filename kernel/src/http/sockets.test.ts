import 'reflect-metadata'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import { Sessions } from '../auth/sessions.js'
import { until } from '../testing/until.js'
import { HttpFixture, type SignedIn } from './http-fixture.js'
import { HttpServer } from './http-server.js'
import { Sockets } from './sockets.js'

const path = '/api/v1/shop/items/7/console'

describe('a WebSocket', () => {
  let server: HttpFixture
  let ani: SignedIn
  let handled: string[]

  before(async () => {
    server = await HttpFixture.start()
    handled = []
    server.access.define('shop', { 'shop:use': {}, 'shop:other': {} })
    server.container.resolve(Sockets).addSocket('shop', {
      path: '/items/:id/console',
      permission: 'shop:use',
      handler: ({ socket, params, actor, signal }) => {
        handled.push(`${actor.id} ${params.id}`)
        signal.addEventListener('abort', () => handled.push('closed'))
        socket.on('message', (data, binary) => socket.send(data, { binary }))
      },
    })
    ani = await server.signIn(['shop:use'])
  })
  after(() => server.stop())
  beforeEach(() => {
    handled.length = 0
  })

  const ticketOf = async (as = ani, at = path): Promise<string> =>
    (await server.ask('/api/v1/tickets', { method: 'POST', as, body: { path: at } })).json.ticket

  /** The status of the answer; 101 with an open socket. */
  function open(
    ticket: string | undefined,
    {
      as = ani,
      origin = server.origin,
      at = path,
      host,
    }: { as?: SignedIn; origin?: string | undefined; at?: string; host?: string } = {},
  ) {
    return new Promise<{ status: number; code?: string; socket: WebSocket }>((resolve, reject) => {
      const headers: Record<string, string> = {
        Cookie: as.cookie,
        ...(origin && { Origin: origin }),
        ...(host && { Host: host }),
      }
      const options = { ca: server.ca, headers, servername: 'localhost' }
      const url = `wss://127.0.0.1:${server.port}${at}${ticket === undefined ? '' : `?ticket=${ticket}`}`
      const socket = new WebSocket(url, options)
      socket.on('open', () => resolve({ status: 101, socket }))
      socket.on('error', reject)
      socket.on('unexpected-response', (_request, response) => {
        let text = ''
        response.on('data', chunk => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, code: JSON.parse(text).code, socket }))
      })
    })
  }

  it("opens with a ticket, from the panel's own pages, and carries messages both ways", async () => {
    const { status, socket } = await open(await ticketOf())
    expect(status).to.equal(101)
    const answer = new Promise(resolve => socket.once('message', data => resolve(String(data))))
    socket.send('hello')
    expect(await answer).to.equal('hello')
    expect(handled).to.deep.equal([`${ani.userId} 7`])
    socket.close()
    await until(() => handled.includes('closed'))
  })

  it('takes each ticket once', async () => {
    const ticket = await ticketOf()
    const { socket } = await open(ticket)
    socket.close()
    expect((await open(ticket)).code).to.equal('ticket_refused')
    await until(() => handled.includes('closed'))
    expect(handled).to.have.length(2)
  })

  it('never reaches its handler without everything that it needs', async () => {
    const other = await server.signIn(['shop:other'])
    const second = await server.signIn(['shop:use'])
    const pending = await server.signIn(['shop:use'], 'totp_required')
    const attempts: [string, () => Promise<{ status: number; code?: string }>, number, string][] = [
      ['no ticket', () => open(undefined), 403, 'ticket_refused'],
      ['an invented ticket', () => open('x'.repeat(43)), 403, 'ticket_refused'],
      ["somebody else's ticket", async () => open(await ticketOf(), { as: second }), 403, 'ticket_refused'],
      [
        'a ticket for another path',
        async () => open(await ticketOf(ani, '/api/v1/shop/items/8/console')),
        403,
        'ticket_refused',
      ],
      [
        'a foreign Origin',
        async () => open(await ticketOf(), { origin: 'https://evil.example' }),
        403,
        'origin_refused',
      ],
      [
        'an Origin that begins alike',
        async () => open(await ticketOf(), { origin: `${server.origin}.evil.example` }),
        403,
        'origin_refused',
      ],
      [
        'an http Origin',
        async () => open(await ticketOf(), { origin: server.origin.replace('https', 'http') }),
        403,
        'origin_refused',
      ],
      ['no Origin', async () => open(await ticketOf(), { origin: '' }), 403, 'origin_refused'],
      [
        'a foreign Host',
        async () => open(await ticketOf(), { host: 'evil.example', origin: 'https://evil.example' }),
        421,
        'misdirected_host',
      ],
      ['no session', async () => open(await ticketOf(), { as: { ...ani, cookie: 'a=b' } }), 401, 'unauthenticated'],
      ['half a sign-in', async () => open(await ticketOf(), { as: pending }), 401, 'totp_required'],
      ['no such socket', async () => open(await ticketOf(), { at: '/api/v1/shop/nothing' }), 404, 'route_not_found'],
    ]
    for (const [what, attempt, status, code] of attempts) {
      const answer = await attempt()
      expect([answer.status, answer.code], what).to.deep.equal([status, code])
    }
    const refused = await server.ask('/api/v1/tickets', { method: 'POST', as: other, body: { path } })
    expect(refused.json.code).to.equal('forbidden')
    expect(handled).to.deep.equal([])
  })

  it('is refused once its session is revoked, even with a fresh ticket', async () => {
    const budi = await server.signIn(['shop:use'])
    const ticket = await ticketOf(budi)
    await server.container.resolve(Sessions).revoke(budi.sessionId)
    expect((await open(ticket, { as: budi })).code).to.equal('unauthenticated')
  })

  it('ends soon after its session is revoked or its permission is taken away', async () => {
    for (const end of [
      (as: SignedIn) => server.container.resolve(Sessions).revoke(as.sessionId),
      (as: SignedIn) => server.state.knex('user_roles').where({ user_id: as.userId }).delete(),
      (as: SignedIn) => server.state.knex('users').where({ id: as.userId }).update({ disabled: 1 }),
    ]) {
      const budi = await server.signIn(['shop:use'])
      const { socket } = await open(await ticketOf(budi), { as: budi })
      const closed = new Promise(resolve => socket.once('close', resolve))
      await end(budi)
      expect(await closed).to.equal(1008)
    }
  })

  it('ends with the definition that it belongs to', async () => {
    const definition = { path: '/short', permission: 'shop:use', handler: () => undefined }
    const remove = server.container.resolve(Sockets).addSocket('shop', definition)
    const at = '/api/v1/shop/short'
    const { socket } = await open(await ticketOf(ani, at), { at })
    const closed = new Promise(resolve => socket.once('close', resolve))
    remove()
    expect(await closed).to.equal(1001)
  })

  it('is told when the server stops', async () => {
    const { socket } = await open(await ticketOf())
    const closed = new Promise(resolve => socket.once('close', resolve))
    await server.container.resolve(HttpServer).stop()
    expect(await closed).to.equal(1001)
  })
})
