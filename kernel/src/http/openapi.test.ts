import 'reflect-metadata'
import { Joi, object } from '@nusantara/sdk'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect } from 'chai'
import { HttpFixture } from './http-fixture.js'

interface Json {
  readonly [key: string]: Json | undefined
}

describe('the OpenAPI description of routes', () => {
  let server: HttpFixture
  let document: Json

  before(async () => {
    server = await HttpFixture.start()
    server.access.define('shop', { 'shop:use': {}, 'shop:write': { risk: 'high' } })
    server.registry.add('shop', {
      operation: 'shop.create',
      method: 'POST',
      path: '/items/:id',
      permission: 'shop:write',
      resource: { type: 'item' },
      summary: 'Creates an item',
      params: object<{ id: string }>({ id: Joi.string().max(10).required() }),
      query: object<{ limit?: number }>({ limit: Joi.number().integer().max(50) }),
      body: object<{ name: string; kind?: string }>({
        name: Joi.string().max(9).required(),
        kind: Joi.string().valid('a', 'b'),
      }),
      change: true,
      cli: { args: ['name'] },
      handler: async () => undefined,
    })
    document = (await server.ask('/api/v1/openapi.json', { as: await server.signIn([]) })).json
  })
  after(() => server.stop())

  it('is for signed-in readers, and changes with the routes', async () => {
    expect((await server.ask('/api/v1/openapi.json')).status).to.equal(401)
    const as = await server.signIn([])
    const remove = server.registry.add('shop', {
      operation: 'shop.late',
      method: 'GET',
      path: '/late',
      permission: 'shop:use',
      summary: 'Late',
      response: Joi.object(),
      handler: async () => ({}),
    })
    expect((await server.ask('/api/v1/openapi.json', { as })).json.paths).to.have.property('/api/v1/shop/late')
    remove()
    expect((await server.ask('/api/v1/openapi.json', { as })).json.paths).not.to.have.property('/api/v1/shop/late')
  })

  it('describes each route with what a command needs', () => {
    const operation = document.paths?.['/api/v1/shop/items/{id}']?.post as unknown as Record<string, unknown>
    expect(operation).to.deep.include({
      operationId: 'shop.create',
      summary: 'Creates an item',
      'x-nusa-permission': 'shop:write',
      'x-nusa-risk': 'high',
      'x-nusa-change': true,
      'x-nusa-cli': { args: ['name'] },
      'x-nusa-resource': { type: 'item', param: 'id' },
    })
    expect(operation.parameters).to.deep.equal([
      { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1, maxLength: 10 } },
      { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 50 } },
      { name: 'dry_run', in: 'query', required: false, schema: { type: 'boolean', default: false } },
      { name: 'Plan-Hash', in: 'header', required: false, schema: { type: 'string' } },
      { name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string' } },
    ])
    expect(operation.requestBody).to.deep.equal({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              name: { type: 'string', minLength: 1, maxLength: 9 },
              kind: { type: 'string', enum: ['a', 'b'] },
            },
            required: ['name'],
            additionalProperties: false,
          },
        },
      },
    })
    expect(Object.keys(operation.responses as object).sort()).to.deep.equal(['200', '202', 'default'])
  })

  it('says where a body may be left out, and that every 202 names a job', async () => {
    const common = { method: 'POST', permission: 'shop:use', summary: 'Test', handler: async () => undefined } as const
    const body = object<{ name?: string }>({ name: Joi.string() })
    const undo = [
      server.registry.add('shop', { ...common, operation: 'shop.maybe', path: '/maybe', body, status: 204 }),
      server.registry.add('shop', { ...common, operation: 'shop.stop', path: '/stop', status: 202 }),
    ]
    const { paths } = (await server.ask('/api/v1/openapi.json', { as: await server.signIn([]) })).json
    for (const remove of undo) remove()
    expect(paths['/api/v1/shop/maybe'].post.requestBody.required).to.equal(false)
    expect(paths['/api/v1/shop/stop'].post.responses['202'].content['application/json'].schema).to.deep.equal({
      $ref: '#/components/schemas/Accepted',
    })
  })

  it('holds what OpenAPI 3.1 asks of every document, and every route once', async () => {
    const validator = new Validator()
    expect(await validator.validate(structuredClone(document))).to.deep.equal({ valid: true })
    expect(validator.version).to.equal('3.1')
    const ids = new Set<string>()
    for (const [path, methods] of Object.entries(document.paths ?? {})) {
      expect(path).to.match(/^\//)
      for (const operation of Object.values(methods ?? {}) as unknown as {
        operationId: string
        responses: object
        parameters?: { name: string; in: string; required: boolean }[]
      }[]) {
        expect(ids.has(operation.operationId), operation.operationId).to.equal(false)
        ids.add(operation.operationId)
        expect(Object.keys(operation.responses)).to.not.have.length(0)
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
        expect((operation.parameters ?? []).filter(each => each.in === 'path').map(each => each.name)).to.deep.equal(
          named,
        )
      }
    }
    expect([...ids].sort()).to.deep.equal(
      server.registry
        .list()
        .map(({ operation }) => operation)
        .sort(),
    )
    for (const reference of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = (reference[1] ?? '')
        .split('/')
        .reduce<Json | undefined>((node: Json | undefined, key) => node?.[key], document)
      expect(target, reference[1]).to.be.an('object')
    }
  })
})
