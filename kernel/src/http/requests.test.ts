import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { Joi, multiline, object, Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { Catalogues } from '../i18n/catalogues.js'
import { Resources } from '../rbac/resources.js'
import { Content } from './content.js'
import { HttpFixture, type SignedIn } from './http-fixture.js'
import type { KernelRequest } from './kernel-request.js'

interface Note {
  readonly name?: string
  readonly text?: string
  readonly list?: readonly string[]
  readonly deep?: { readonly at?: string }
}

describe('a request that is accepted', () => {
  let server: HttpFixture
  let ani: SignedIn
  let seen: KernelRequest[]

  before(async () => {
    server = await HttpFixture.start()
    seen = []
    server.access.define('shop', { 'shop:use': {} })
    const { registry } = server
    const common = { permission: 'shop:use', summary: 'Test', method: 'POST', response: Joi.object() } as const
    registry.add('shop', {
      ...common,
      operation: 'shop.note',
      path: '/notes',
      body: object<Note>({
        name: Joi.string().max(10),
        text: multiline(),
        list: Joi.array().items(Joi.string()),
        deep: Joi.object({ at: Joi.string() }),
      }),
      handler: async request => {
        seen.push(request as KernelRequest)
        return { body: request.body }
      },
    })
    registry.add('shop', {
      ...common,
      operation: 'shop.change',
      path: '/changes',
      change: true,
      body: object<{ name?: string }>({ name: Joi.string() }),
      handler: async ({ dryRun, planHash, idempotencyKey }) => {
        if (dryRun)
          return {
            kind: 'planned',
            plan: { hash: 'h', steps: [], files: [], operations: [], packages: [], services: [], late: false },
          }
        return { kind: 'accepted', job: { id: 'j1', href: '/api/v1/jobs/j1' }, extra: { planHash, idempotencyKey } }
      },
    })
    registry.add('shop', {
      operation: 'shop.fail',
      method: 'POST',
      path: '/fail',
      permission: 'shop:use',
      summary: 'Fails',
      body: object<{ how: string; password?: string }>({ how: Joi.string().required(), password: Joi.string() }),
      status: 204,
      handler: async ({ body }) => {
        if (body.how === 'problem') throw new Problem('shop.closed', 409, { name: 'Toko <b>' })
        if (body.how === 'crash') throw new Error('secret detail of a crash')
        return undefined
      },
    })
    registry.add('shop', {
      operation: 'shop.search',
      method: 'GET',
      path: '/items',
      permission: 'shop:use',
      summary: 'A page',
      query: object<{ limit?: number; tag?: string | string[]; q?: string }>({
        limit: Joi.number().integer().max(50).default(10),
        tag: Joi.array().items(Joi.string()).single(),
        q: Joi.string(),
      }),
      response: Joi.object(),
      handler: async ({ query }) => ({ items: [query], nextCursor: 'c', total: 3 }),
    })
    registry.add('shop', {
      operation: 'shop.item',
      method: 'GET',
      path: '/items/:id',
      permission: 'shop:use',
      summary: 'One',
      params: object<{ id: string }>({ id: Joi.string().required() }),
      resource: { type: 'item' },
      response: Joi.object(),
      handler: async ({ resource, params }) => ({ resource, params }),
    })
    registry.add('kernel', {
      operation: 'download.read',
      method: 'GET',
      path: '/download',
      permission: 'shop:use',
      summary: 'Text',
      response: Joi.string(),
      produces: 'text/plain',
      handler: async () => new Content('text/plain', 'x'.repeat(5000), { etag: 'v1', compress: true }),
    })
    const catalogues = server.container.resolve(Catalogues)
    catalogues.add('shop', 'en', {
      'problem.shop.closed': '{name} is closed.',
      'problem.shop.closed.remedy': 'Come back.',
    })
    catalogues.add('shop', 'id', {
      'problem.shop.closed': '{name} tutup.',
      'problem.shop.closed.remedy': 'Kembalilah.',
    })
    ani = await server.signIn(['shop:use'], 'full', ['acme'])
  })
  after(() => server.stop())
  beforeEach(() => {
    seen.length = 0
  })

  const post = (path: string, body: unknown, headers = {}) =>
    server.ask(`/api/v1/shop/${path}`, { method: 'POST', as: ani, body, headers })

  it('carries the actor, its address and whatever was validated', async () => {
    const answer = await post('notes', { name: 'a', list: ['b'] })
    expect([answer.status, answer.json]).to.deep.equal([200, { body: { name: 'a', list: ['b'] } }])
    expect(seen[0]?.actor.id).to.equal(ani.userId)
    expect(seen[0]?.address).to.equal('127.0.0.1')
    expect(answer.headers['cache-control']).to.equal('no-store')
    expect(answer.headers['strict-transport-security']).to.equal('max-age=31536000')
    expect(answer.headers['x-content-type-options']).to.equal('nosniff')
    expect(answer.headers).not.to.have.property('server')
  })

  for (const [what, body, status, code] of [
    ['no JSON', '{"name":', 400, 'malformed_json'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400, 'malformed_json'],
    ['too deep a nesting', '['.repeat(40) + ']'.repeat(40), 400, 'malformed_json'],
    ['a key __proto__', '{"__proto__": {"admin": true}}', 400, 'malformed_json'],
    ['an escaped key __proto__', '{"deep": {"\\u005f_proto__": 1}}', 400, 'malformed_json'],
    ['more than its limit', JSON.stringify({ text: 'x'.repeat(70_000) }), 413, 'body_too_large'],
    ['a list instead of an object', '[]', 422, 'invalid_input'],
    ['null', 'null', 422, 'invalid_input'],
    ['a key twice', '{"name": "a", "name": "b"}', 400, 'malformed_json'],
  ] as const) {
    it(`is refused with ${what} as its body`, async () => {
      const answer = await post('notes', body)
      expect([answer.status, answer.json.code]).to.deep.equal([status, code])
      expect(seen).to.have.length(0)
    })
  }

  it('is refused in another form than plain JSON', async () => {
    for (const headers of [
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      { 'Content-Encoding': 'gzip' },
    ]) {
      expect((await post('notes', '{}', headers)).json.code).to.equal('content_type_unsupported')
    }
    expect((await post('notes', '{}', { 'Content-Type': 'application/json; charset=UTF-8' })).status).to.equal(200)
  })

  for (const character of ['\u0000', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009f', '\ud800']) {
    it(`names the field that holds ${JSON.stringify(character)}, wherever it stands`, async () => {
      for (const [body, path] of [
        [{ name: `a${character}` }, 'name'],
        [{ list: ['fine', `${character}b`] }, 'list.1'],
        [{ deep: { at: character } }, 'deep.at'],
      ] as const) {
        const answer = await post('notes', JSON.stringify(body))
        expect([answer.status, answer.json.fields[0].path, answer.json.fields[0].code]).to.deep.equal([
          422,
          path,
          'text.control',
        ])
      }
      const query = await server.ask(
        `/api/v1/shop/items?q=a${encodeURIComponent(character === '\ud800' ? '\n' : character)}`,
        { as: ani },
      )
      expect([query.status, query.json.fields[0].path]).to.deep.equal([422, 'q'])
      expect(seen).to.have.length(0)
    })
  }

  it('names the field that holds what cannot be seen, except in a text of several lines', async () => {
    for (const character of ['\u200b', '\u200f', '\u2028', '\u202e', '\u2066', '\ufeff']) {
      const field = (await post('notes', { list: [`a${character}`] })).json.fields[0]
      expect([field.path, field.code]).to.deep.equal(['list.0', 'text.invisible'])
      expect((await post('notes', { text: `a${character}` })).status).to.equal(200)
      const code = character.codePointAt(0)?.toString(16).padStart(4, '0')
      expect((await post('notes', { [`a${character}`]: 1 })).json.fields[0].path).to.equal(`a\\u${code}`)
    }
    // Joiners belong to the spelling of some languages, and to emoji.
    expect(
      (await post('notes', { list: ['\u0915\u094d\u200d\u0937', 'e\u0301', '\u{1f468}\u200d\u{1f33e}'] })).status,
    ).to.equal(200)
  })

  it('may hold line breaks and tabs where the schema says so, and no other control character', async () => {
    expect((await post('notes', { text: 'one\n\ttwo\r\n' })).status).to.equal(200)
    expect((await post('notes', { text: 'one\u0000' })).json.fields[0]).to.deep.include({
      path: 'text',
      params: { character: 'U+0000' },
    })
  })

  it('decodes its path and query once, and keeps repeated keys as a list', async () => {
    const { json } = await server.ask('/api/v1/shop/items?q=a%2541+b&tag=x&tag=y&limit=7', { as: ani })
    expect(json).to.deep.equal({ items: [{ q: 'a%41 b', tag: ['x', 'y'], limit: 7 }], nextCursor: 'c', total: 3 })
  })

  for (const [target, part, name] of [
    ['items?q=%zz', 'query', 'q'],
    ['items?q=%c0%ae', 'query', 'q'],
    ['items?%zz=1', 'query', '%zz'],
    ['items?__proto__=1', 'query', '__proto__'],
    [`items?${'a=1&'.repeat(128)}b=1`, 'query', 'query'],
    ['items/%zz', 'path', 'id'],
    ['items/%ed%a0%80', 'path', 'id'],
    ['%zz/items', 'path', 'path'],
  ] as const) {
    it(`is refused at ${target.slice(0, 24)} by the name of what cannot be read`, async () => {
      const { status, json } = await server.ask(`/api/v1/shop/${target}`, { as: ani })
      expect([status, json.code]).to.deep.equal([400, 'malformed_target'])
      expect(json.fields).to.have.length(1)
      expect(json.fields[0]).to.deep.include({ path: name, in: part })
      expect(json.fields[0].message).to.equal(`${json.message} ${json.remedy}`)
    })
  }

  it('says in which part of the request a bad field stands, and where no JSON goes on', async () => {
    const places = async (answer: Promise<{ json: { fields: { path: string; in?: string }[] } }>) =>
      (await answer).json.fields.map(field => `${field.in ?? 'body'} ${field.path}`)
    expect(await places(server.ask('/api/v1/shop/items?limit=99&odd=1', { as: ani }))).to.deep.equal([
      'query limit',
      'query odd',
    ])
    expect(await places(post('notes', { name: 7 }))).to.deep.equal(['body name'])
    expect(await places(post('notes', {}, { 'Plan-Hash': 'abc' }))).to.deep.equal(['header Plan-Hash'])
    expect(await places(post('changes?dry_run=yes', {}))).to.deep.equal(['query dry_run'])
    expect(await places(server.ask('/api/v1/shop/items/absent', { as: ani }))).to.deep.equal(['path id'])
    expect(await places(post('notes', '{}', { 'Content-Type': 'text/plain' }))).to.deep.equal(['header Content-Type'])
    expect((await post('notes', '{"name": oops}')).json).to.deep.include({
      message: 'The body stops being JSON after 9 characters.',
      params: { reason: 'syntax', position: 9, key: '' },
    })
    expect((await post('notes', '{"name": "a", "name": "b"}')).json.fields[0].path).to.equal('name')
    expect((await post('notes', { text: 'x'.repeat(70_000) })).json).to.deep.include({ params: { limit: 65_536 } })
  })

  it('answers a flood of bad fields with their count and the first of them', async () => {
    const { json, text } = await post('notes', { list: Array.from({ length: 10_000 }, () => 1) })
    expect(json.params.count).to.equal(10_000)
    expect(json.fields).to.have.length(64)
    expect(text.length).to.be.below(16_384)
  })

  it('answers a job with 202 and its place, and a dry run with the plan', async () => {
    const accepted = await post('changes', { name: 'a' }, { 'Plan-Hash': 'abc123', 'Idempotency-Key': 'once-1' })
    expect([accepted.status, accepted.headers.location]).to.deep.equal([202, '/api/v1/jobs/j1'])
    expect(accepted.json).to.deep.equal({
      job: { id: 'j1', href: '/api/v1/jobs/j1' },
      planHash: 'abc123',
      idempotencyKey: 'once-1',
    })
    const planned = await post('changes?dry_run=true', {})
    expect([planned.status, planned.json.hash]).to.deep.equal([200, 'h'])
  })

  it('takes dry_run and Plan-Hash only where something changes by plan, and only well-formed', async () => {
    expect((await post('notes?dry_run=true', {})).json.fields[0].path).to.equal('dry_run')
    expect((await post('notes', {}, { 'Plan-Hash': 'abc' })).json.fields[0].path).to.equal('Plan-Hash')
    expect((await post('notes', {}, { 'Idempotency-Key': 'a' })).json.fields[0].path).to.equal('Idempotency-Key')
    expect((await post('changes?dry_run=yes', {})).json.fields[0].path).to.equal('dry_run')
    expect((await post('changes', {}, { 'Plan-Hash': 'a b' })).json.fields[0].path).to.equal('Plan-Hash')
    expect((await post('changes', {}, { 'Idempotency-Key': 'x'.repeat(201) })).json.fields[0].path).to.equal(
      'Idempotency-Key',
    )
  })

  it("answers a problem in the reader's language", async () => {
    const english = await post('fail', { how: 'problem' })
    expect(english.status).to.equal(409)
    expect(english.json).to.deep.include({
      code: 'shop.closed',
      message: 'Toko <b> is closed.',
      remedy: 'Come back.',
      status: 409,
      title: 'Conflict',
    })
    expect(english.json.instance).to.match(/^urn:uuid:[0-9a-f-]{36}$/)
    expect(english.headers['x-request-id']).to.equal(english.json.instance.slice(9))
    await server.state.knex('users').where({ id: ani.userId }).update({ locale: 'id' })
    expect((await post('fail', { how: 'problem' })).json.message).to.equal('Toko <b> tutup.')
    const field = await post('fail', {})
    expect(field.json.fields[0]).to.deep.include({
      path: 'how',
      code: 'any.required',
      message: 'how belum diisi; berikan nilai.',
    })
    // The page was switched, which is known here alone; what a browser sends by itself is no such choice.
    const asked = async (language: string) =>
      (await post('fail', { how: 'problem' }, { 'Accept-Language': language })).json.message
    expect([await asked('en'), await asked('en-US,en;q=0.9')]).to.deep.equal(['Toko <b> is closed.', 'Toko <b> tutup.'])
    await server.state.knex('users').where({ id: ani.userId }).update({ locale: 'en' })
    const stranger = await server.ask('/api/v1/shop/items', { headers: { 'Accept-Language': 'id-ID' } })
    expect(stranger.json.remedy).to.equal(
      server.container.resolve(Catalogues).format('id', 'problem.unauthenticated.remedy'),
    )
  })

  it('that crashes tells its id and nothing else; the log tells the rest', async () => {
    const answer = await post('fail', { how: 'crash' })
    expect([answer.status, answer.json.code]).to.deep.equal([500, 'internal'])
    expect(answer.text).not.to.include('secret detail')
    const id = answer.json.instance.slice(9)
    expect(server.logged.find(line => line.includes(id))).to.include('secret detail of a crash')
  })

  it('is recorded with its outcome and without its secrets, unless it only reads or plans', async () => {
    const before = (await server.audited()).length
    await post('fail', { how: 'fine', password: 'hunter2-hunter2' })
    await post('fail', { how: 'problem' })
    await post('changes?dry_run=true', {})
    await server.ask('/api/v1/shop/items', { as: ani })
    const entries = (await server.audited()).slice(before)
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).to.deep.equal([
      'shop.fail success',
      'shop.fail failure',
    ])
    expect(JSON.stringify(entries)).not.to.include('hunter2')
    expect(entries[1]?.params).to.deep.include({ problem: 'shop.closed' })
  })

  it("names a resource of the actor's own accounts; any other does not exist", async () => {
    const resources = server.container.resolve(Resources)
    await server.signIn([], 'full', ['rival'])
    await server.state.transaction(async trx => {
      await resources.create(trx, { id: 'mine', type: 'item', accountId: 'acme' })
      await resources.create(trx, { id: 'theirs', type: 'item', accountId: 'rival' })
      await resources.create(trx, { id: 'thing', type: 'other', accountId: 'acme' })
    })
    const mine = await server.ask('/api/v1/shop/items/mine', { as: ani })
    expect(mine.json.resource).to.deep.equal({ id: 'mine', type: 'item', accountId: 'acme', parentId: null })
    const refused = await Promise.all(
      ['theirs', 'thing', 'absent'].map(id => server.ask(`/api/v1/shop/items/${id}`, { as: ani })),
    )
    for (const { status, json } of refused) {
      const { instance: _instance, ...rest } = json
      expect([status, rest.code, rest.params]).to.deep.equal([404, 'not_found', { type: 'item' }])
    }
  })

  it('for a text is answered compressed, and not at all when it did not change', async () => {
    const whole = await server.ask('/api/v1/download', { as: ani })
    expect([whole.text.length, whole.headers.etag]).to.deep.equal([5000, '"v1"'])
    const small = await server.ask('/api/v1/download', { as: ani, headers: { 'Accept-Encoding': 'gzip, br' } })
    expect([small.headers['content-encoding'], Number(small.headers['content-length']) < 200]).to.deep.equal([
      'br',
      true,
    ])
    expect((await server.ask('/api/v1/download', { as: ani, headers: { 'If-None-Match': '"v1"' } })).status).to.equal(
      304,
    )
    const head = await server.ask('/api/v1/download', { as: ani, method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.text]).to.deep.equal([200, '5000', ''])
  })

  it('of any random bytes is answered with a problem, never a crash', async () => {
    for (let round = 0; round < 50; round++) {
      const { status } = await post('notes', randomBytes(64))
      expect(status).to.be.within(400, 422)
    }
  })
})
