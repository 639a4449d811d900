import 'reflect-metadata'
import type { HttpMethod } from '@nusantara/sdk'
import { Joi, object } from '@nusantara/sdk'
import { expect } from 'chai'
import { type Ask, HttpFixture, type SignedIn } from './http-fixture.js'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** One route for each method, all with a handler that says that it ran. */
describe('a request that is refused', () => {
  let server: HttpFixture
  let handled: string[]
  let holder: SignedIn
  let other: SignedIn
  let pending: SignedIn

  before(async () => {
    server = await HttpFixture.start()
    handled = []
    server.access.define('shop', { 'shop:use': {}, 'shop:other': {}, 'shop:danger': { risk: 'high' } })
    for (const method of methods) {
      for (const [path, permission] of [
        ['item', 'shop:use'],
        ['danger', 'shop:danger'],
      ] as const) {
        server.registry.add('shop', {
          operation: `shop.${path}-${method.toLowerCase()}`,
          method,
          path: `/${path}-${method.toLowerCase()}/:id`,
          permission,
          summary: 'Records that it ran',
          params: object<{ id: string }>({ id: Joi.string().max(20).required() }),
          ...(method !== 'GET' && { body: object<{ name?: string }>({ name: Joi.string().max(10) }) }),
          response: Joi.object({ ran: Joi.string() }),
          handler: async request => {
            handled.push(request.operation)
            return { ran: request.operation }
          },
        })
      }
    }
    holder = await server.signIn(['shop:use', 'shop:danger'])
    other = await server.signIn(['shop:other'])
    pending = await server.signIn(['shop:use'], 'totp_required')
  })
  after(() => server.stop())
  beforeEach(() => {
    handled.length = 0
  })

  const attempts: readonly [string, readonly HttpMethod[], () => Ask, number, string][] = [
    ['nobody', methods, () => ({}), 401, 'unauthenticated'],
    [
      'a forged cookie',
      methods,
      () => ({ headers: { Cookie: '__Host-nusa=Fe26.2*1*forged' } }),
      401,
      'unauthenticated',
    ],
    [
      'a wrong token beside a good cookie',
      methods,
      () => ({ as: holder, headers: { Authorization: 'Bearer nusa_wrong' } }),
      401,
      'unauthenticated',
    ],
    ['a sign-in that waits for its code', methods, () => ({ as: pending }), 401, 'totp_required'],
    ['another permission', methods, () => ({ as: other }), 403, 'forbidden'],
    ['no CSRF token', methods.slice(1), () => ({ as: holder, headers: { 'X-CSRF-Token': '' } }), 403, 'csrf_refused'],
    [
      "another session's CSRF token",
      methods.slice(1),
      () => ({ as: holder, headers: { 'X-CSRF-Token': other.csrf } }),
      403,
      'csrf_refused',
    ],
    [
      'a foreign Origin',
      methods.slice(1),
      () => ({ as: holder, headers: { Origin: 'https://evil.example' } }),
      403,
      'origin_refused',
    ],
    [
      'the Origin of another port',
      methods.slice(1),
      () => ({ as: holder, headers: { Origin: 'https://127.0.0.1:1' } }),
      403,
      'origin_refused',
    ],
    ['the Origin null', methods.slice(1), () => ({ as: holder, headers: { Origin: 'null' } }), 403, 'origin_refused'],
    ['no Origin', methods.slice(1), () => ({ as: holder, headers: { Origin: '' } }), 403, 'origin_refused'],
    ['a foreign Host', methods, () => ({ as: holder, headers: { Host: 'evil.example' } }), 421, 'misdirected_host'],
  ]

  for (const [who, affected, ask, status, code] of attempts) {
    for (const method of affected) {
      it(`with ${who} never reaches the handler of a ${method}`, async () => {
        const body = method === 'GET' ? {} : { body: { name: 'a' } }
        for (const path of ['item', 'danger']) {
          const answer = await server.ask(`/api/v1/shop/${path}-${method.toLowerCase()}/1`, {
            method,
            ...body,
            ...ask(),
          })
          expect([answer.status, answer.json.code], path).to.deep.equal([status, code])
          expect(answer.headers['content-type']).to.equal('application/problem+json')
        }
        expect(handled).to.deep.equal([])
      })
    }
  }

  for (const method of methods) {
    it(`for its method never reaches the handler at a path of ${method}`, async () => {
      for (const wrong of [...methods, 'OPTIONS', 'TRACE', 'PROPFIND'].filter(candidate => candidate !== method)) {
        const answer = await server.ask(`/api/v1/shop/item-${method.toLowerCase()}/1`, { method: wrong, as: holder })
        expect(answer.status, wrong).to.equal(['OPTIONS', 'TRACE', 'PROPFIND'].includes(wrong) ? 501 : 405)
        if (answer.status === 405) expect(answer.headers.allow).to.equal(method)
      }
      expect(handled).to.deep.equal([])
    })
  }

  it('for an old proof of identity never reaches the handler of a high risk', async () => {
    const { knex } = server.state
    const tired = await server.signIn(['shop:danger'])
    await knex('sessions')
      .where({ id: tired.sessionId })
      .update({ reauthenticated_at: new Date(Date.now() - 11 * 60_000).toISOString() })
    const answer = await server.ask('/api/v1/shop/danger-post/1', { method: 'POST', as: tired })
    expect([answer.status, answer.json.code]).to.deep.equal([403, 'reauthentication_required'])
    expect(handled).to.deep.equal([])
  })

  it('with invalid input never reaches the handler, and every bad field is named', async () => {
    const answer = await server.ask(`/api/v1/shop/item-post/${'x'.repeat(21)}?odd=1`, {
      method: 'POST',
      as: holder,
      body: { name: 'much too long', extra: true },
    })
    expect([answer.status, answer.json.code]).to.deep.equal([422, 'invalid_input'])
    const fields = answer.json.fields.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`)
    expect(fields).to.have.members(['id string.max', 'odd object.unknown', 'name string.max', 'extra object.unknown'])
    expect(handled).to.deep.equal([])
  })

  it('is recorded when somebody known tried, and only then', async () => {
    const before = (await server.audited()).length
    await server.ask('/api/v1/shop/item-post/1', { method: 'POST' })
    await server.ask('/api/v1/shop/item-get/1', { as: other })
    await server.ask('/api/v1/shop/item-post/1', { method: 'POST', as: other })
    const entries = (await server.audited()).slice(before)
    expect(entries).to.have.length(1)
    expect(entries[0]).to.deep.include({
      action: 'shop.item-post',
      outcome: 'refused',
      params: { problem: 'forbidden' },
    })
    expect(entries[0]?.actor.id).to.equal(other.userId)
  })

  it('stands beside one that is accepted', async () => {
    for (const method of methods) {
      const answer = await server.ask(`/api/v1/shop/item-${method.toLowerCase()}/1`, { method, as: holder })
      expect([answer.status, answer.json.ran]).to.deep.equal([200, `shop.item-${method.toLowerCase()}`])
    }
    expect(handled).to.have.length(methods.length)
  })
})
