import { expect } from 'chai'
import { reply } from '../../testing/reply.js'
import { providerOf } from './provider.js'
import { Resolver } from './resolver.js'
import { type CloudflareServer, startCloudflare } from './testing/cloudflare-server.js'
import { freePort, type Named, startNamed } from './testing/named.js'
import { refusal } from './testing/refusal.js'

const signal = new AbortController().signal
const token = 'token-of-the-tests-0123456789'
const name = '_acme-challenge.www.example.test'

describe('Cloudflare', () => {
  let named: Named
  let resolver: Resolver
  let server: CloudflareServer
  before(async () => {
    const ns = ['@ NS ns1', 'ns1 A 127.0.0.1']
    named = await startNamed({
      'example.test': { records: [...ns, '_acme-challenge.shop CNAME shop.acme.test.'] },
      'acme.test': { records: ns },
      'nobody.test': { records: ns },
    })
    resolver = new Resolver([named.endpoint])
  })
  after(() => named[Symbol.asyncDispose]())
  beforeEach(async () => {
    server = await startCloudflare(token, ['example.test', 'acme.test'])
  })
  afterEach(() => server[Symbol.asyncDispose]())

  const provider = (more: { token?: string; zoneId?: string; apiUrl?: string } = {}) =>
    providerOf({ type: 'cloudflare', token, apiUrl: server.url, ...more }, { resolver })
  const contents = (zone: string) =>
    server.zones.get(zone)?.map(record => `${record.name} ${record.content} ${record.ttl}`)

  it('two values stand at one name, and each goes by itself', async () => {
    for (const value of ['first', 'second', 'second']) await provider().present({ name, value }, signal)
    expect(contents('example.test')).to.deep.equal([`${name} "first" 60`, `${name} "second" 60`])
    await provider().cleanup({ name, value: 'first' }, signal)
    await provider().cleanup({ name, value: 'first' }, signal)
    expect(contents('example.test')).to.deep.equal([`${name} "second" 60`])
  })

  it('a value is found on the last page, and with or without its quotes', async () => {
    const values = ['a', 'b', 'c', 'd', 'e']
    for (const value of values) await provider().present({ name, value }, signal)
    server.zones.get('example.test')?.push({ id: 'f'.repeat(32), type: 'TXT', name, content: 'f', ttl: 60 })
    for (const value of [...values, 'f']) await provider().present({ name, value }, signal)
    expect(contents('example.test')).to.have.length(6)
    await provider().cleanup({ name, value: 'f' }, signal)
    await provider().cleanup({ name, value: 'e' }, signal)
    expect(contents('example.test')).to.have.length(4)
  })

  it('a delegated challenge stands in the zone that it leads to', async () => {
    await provider().present({ name: '_acme-challenge.shop.example.test', value: 'v' }, signal)
    expect([contents('example.test'), contents('acme.test')]).to.deep.equal([[], ['shop.acme.test "v" 60']])
  })

  it('a zone that is given is not looked for', async () => {
    await refusal(provider({ zoneId: '0'.repeat(32) }).present({ name, value: 'v' }, signal))
    expect(server.received.map(request => request.url.pathname)).to.deep.equal([`/zones/${'0'.repeat(32)}/dns_records`])
  })

  it('a domain without a zone there is told', async () => {
    const problem = await refusal(provider().present({ name: '_acme-challenge.nobody.test', value: 'v' }, signal))
    expect(problem.code).to.equal('ssl.dns_zone_unknown')
  })

  const error = (code: number, message: string) => JSON.stringify({ success: false, errors: [{ code, message }] })
  const refusals: readonly [string, number, string, Record<string, string>, object][] = [
    ['ssl.dns_credentials_refused', 401, '', {}, {}],
    ['ssl.dns_credentials_refused', 400, error(6003, 'Invalid request headers'), {}, {}],
    ['ssl.dns_permission_missing', 403, error(10_000, 'Authentication error'), {}, { name }],
    ['ssl.dns_rate_limited', 429, 'slow down', { 'retry-after': '17' }, { seconds: 17 }],
    ['ssl.dns_rate_limited', 429, '', {}, { seconds: 60 }],
    ['ssl.dns_provider_failed', 500, '<h1>oops</h1>', {}, { status: 500, reason: '<h1>oops</h1>' }],
    ['ssl.dns_provider_failed', 400, error(1, `no ${token}\u0007`), {}, { status: 400, reason: '1 no …' }],
    ['ssl.dns_provider_failed', 302, '', { location: 'http://127.0.0.1/' }, { status: 302, reason: 'none' }],
    ['ssl.dns_provider_failed', 200, 'not JSON', {}, { status: 200 }],
  ]
  for (const [code, status, body, headers, params] of refusals)
    it(`an answer ${status} ${body.slice(0, 60)} is told as ${code}, without the token`, async () => {
      server.next = response => reply(response, status, headers, body)
      const problem = await refusal(provider().present({ name, value: 'v' }, signal))
      expect(problem.code).to.equal(code)
      expect(problem.params).to.include({ provider: 'Cloudflare', ...params })
      expect(JSON.stringify([problem, problem.stack])).to.not.include(token)
      expect(server.received).to.have.length(1)
    })

  it('a token that the API does not take, or that no header can hold, is not shown', async () => {
    for (const wrong of ['another-token-0123456789', 'line\nbreak-0123456789']) {
      const problem = await refusal(provider({ token: wrong }).present({ name, value: 'v' }, signal))
      expect(problem.code).to.be.oneOf(['ssl.dns_permission_missing', 'ssl.dns_provider_unreachable'])
      expect(JSON.stringify([problem, problem.stack, problem.cause])).to.not.include('0123456789')
    }
  })

  it('an API that is not there is named', async () => {
    const host = `127.0.0.1:${await freePort()}`
    const problem = await refusal(provider({ apiUrl: `http://${host}` }).present({ name, value: 'v' }, signal))
    expect([problem.code, problem.params]).to.deep.equal([
      'ssl.dns_provider_unreachable',
      { provider: 'Cloudflare', host, reason: 'ECONNREFUSED' },
    ])
  })

  it('an API that says nothing is left at once when the job is cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    server.next = () => controller.abort(reason)
    const present = provider().present({ name, value: 'v' }, controller.signal)
    expect(await present.catch((error: unknown) => error)).to.equal(reason)
  })
})
