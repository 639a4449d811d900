import 'reflect-metadata'
import { Joi, object, type Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { Access } from '../rbac/access.js'
import { Clock } from '../state/clock.js'
import { HttpFixture } from './http-fixture.js'
import type { RegisteredRoute } from './registered-route.js'
import { RouteRegistry } from './route-registry.js'

const complete = {
  operation: 'shop.read',
  method: 'GET',
  path: '/items/:id',
  permission: 'shop:read',
  summary: 'Reads one',
  params: object<{ id: string }>({ id: Joi.string().required() }),
  response: Joi.object(),
  handler: async () => ({}),
} as const

describe('the route registry', () => {
  const open = () => new RouteRegistry(new Access(new Clock()))

  for (const [what, change, reason] of [
    ['an operation', { operation: undefined }, /operation/],
    ['its owner in the operation', { operation: 'bank.read' }, /begin with shop\./],
    ['a known method', { method: 'TRACE' }, /method/],
    ['a permission', { permission: undefined }, /permission/],
    ['its own permission', { permission: 'bank:read' }, /belong to shop/],
    ['a summary', { summary: ' ' }, /summary/],
    ['a handler', { handler: undefined }, /handler/],
    ['a response schema', { response: undefined }, /response/],
    ['a schema for its parameter', { params: undefined }, /:id/],
    ['a parameter for its schema', { path: '/items' }, /the path lacks/],
    ['a body-less GET', { body: Joi.object({ a: Joi.string() }) }, /GET takes no body/],
    ['a body of known content', { method: 'POST', body: Joi.any() }, /accepts anything/],
    ['a body of known keys', { method: 'POST', body: Joi.object() }, /accepts anything at its top/],
    [
      'a body closed to unknown keys',
      { method: 'POST', body: Joi.object({ a: Joi.string() }).unknown(true) },
      /accepts anything/,
    ],
    [
      'known values inside',
      { method: 'POST', body: Joi.object({ a: Joi.array().items(Joi.object({ b: Joi.any() })) }) },
      /at a\.\*\.b/,
    ],
    ['a CSRF check', { method: 'POST', csrf: false }, /CSRF/],
    ['a plain path', { path: '/Items/:id' }, /segment/],
    ['a place below its own', { root: true }, /outside/],
  ] as const) {
    it(`refuses a route without ${what}`, () => {
      expect(() => open().add('shop', { ...complete, ...change } as never))
        .to.throw()
        .that.satisfies(({ code, params }: Problem) => code === 'route_rejected' && reason.test(String(params.reason)))
    })
  }

  it('refuses an operation or a path that is taken, also under another parameter name', () => {
    const registry = open()
    registry.add('shop', complete)
    expect(() => registry.add('shop', complete)).to.throw('already')
    const params = object<{ key: string }>({ key: Joi.string().required() })
    expect(() => registry.add('shop', { ...complete, operation: 'shop.again', path: '/items/:key', params })).to.throw(
      'already',
    )
  })

  it('lists everything a generator of tests needs', () => {
    const registry = open()
    registry.add('shop', {
      ...complete,
      method: 'POST',
      change: true,
      body: object<{ a: string }>({ a: Joi.string() }),
    })
    const [route] = registry.list()
    expect(route).to.deep.include({
      owner: 'shop',
      operation: 'shop.read',
      method: 'POST',
      path: '/api/v1/shop/items/:id',
      permission: 'shop:read',
      risk: 'low',
      csrf: true,
      change: true,
      audit: false,
      bodyLimit: 65536,
      status: 200,
    })
    expect(route?.body?.type).to.equal('object')
  })

  it('tells listeners of what is there, comes and goes', () => {
    const registry = open()
    const events: string[] = []
    const remove = registry.add('shop', complete)
    const unsubscribe = registry.subscribe({
      added: ({ operation }: RegisteredRoute) => events.push(`+${operation}`),
      removed: ({ operation }: RegisteredRoute) => events.push(`-${operation}`),
    })
    remove()
    remove()
    const again = registry.add('shop', complete)
    unsubscribe()
    again()
    expect(events).to.deep.equal(['+shop.read', '-shop.read', '+shop.read'])
    expect(registry.list()).to.deep.equal([])
  })

  it('takes a topic once, and finds the stream of a topic', () => {
    const registry = open()
    const remove = registry.addStream('shop', { topic: 'shop.orders:*', permission: 'shop:read' })
    expect(registry.stream('shop.orders:42')?.owner).to.equal('shop')
    expect(registry.stream('shop.orders')).to.equal(undefined)
    expect(() => registry.addStream('bank', { topic: 'shop.orders:*', permission: 'bank:read' })).to.throw(
      'belongs to shop',
    )
    remove()
    expect(registry.stream('shop.orders:42')).to.equal(undefined)
  })

  it('mounts and unmounts on the running server', async () => {
    const server = await HttpFixture.start()
    try {
      server.access.define('shop', { 'shop:read': {} })
      const as = await server.signIn(['shop:read'])
      const status = async () => (await server.ask('/api/v1/shop/items/1', { as })).status
      expect(await status()).to.equal(404)
      for (let round = 0; round < 3; round++) {
        const remove = server.registry.add('shop', complete)
        expect(await status()).to.equal(200)
        remove()
        expect(await status()).to.equal(404)
      }
    } finally {
      await server.stop()
    }
  })
})
