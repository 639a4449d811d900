import { createHmac } from 'node:crypto'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { expect } from 'chai'
import { reply } from '../../testing/reply.js'
import { providerOf } from './provider.js'
import { Resolver } from './resolver.js'
import { type Received, startHttp } from './testing/http-server.js'
import { freePort, type Named, startNamed } from './testing/named.js'
import { refusal } from './testing/refusal.js'
import { WebhookProvider } from './webhook.js'

const signal = new AbortController().signal
const secret = 'a secret of the team'
const record = { name: '_acme-challenge.example.test', value: 'v' }

describe('the webhook', () => {
  let named: Named
  let resolver: Resolver
  before(async () => {
    const records = ['@ NS ns1', 'ns1 A 127.0.0.1', '_acme-challenge.shop CNAME shop']
    named = await startNamed({ 'example.test': { records } })
    resolver = new Resolver([named.endpoint])
  })
  after(() => named[Symbol.asyncDispose]())

  const provider = (url: string, more: { caPem?: string; secret?: string } = { secret }, now = Date.now) =>
    providerOf({ type: 'webhook', url, ...more }, { resolver, now })
  const signatureOf = ({ headers, body }: Received) =>
    `sha256=${createHmac('sha256', secret).update(`${headers['x-nusantara-timestamp']}.${body}`).digest('hex')}`

  it('is told what to do, when, and that it was the panel', async () => {
    await using server = await startHttp((_, response) => reply(response, 204))
    const now = () => 1_800_000_000_500
    await provider(`${server.url}/dns?team=1`, { secret }, now).present(record, signal)
    await provider(server.url, { secret }, now).cleanup(
      { ...record, name: '_acme-challenge.shop.example.test' },
      signal,
    )
    const [present, cleanup] = server.received
    if (!present || !cleanup) throw new Error('nothing came')
    expect(JSON.parse(present.body)).to.deep.equal({ action: 'present', ...record })
    expect(JSON.parse(cleanup.body)).to.deep.equal({ action: 'cleanup', name: 'shop.example.test', value: 'v' })
    expect([present.method, present.url.pathname, present.url.search]).to.deep.equal(['POST', '/dns', '?team=1'])
    expect(present.headers).to.include({
      'content-type': 'application/json',
      'x-nusantara-timestamp': '1800000000',
      'x-nusantara-signature': signatureOf(present),
    })
  })

  it('gets no signature without a secret', async () => {
    await using server = await startHttp((_, response) => response.end())
    await provider(server.url, {}).present(record, signal)
    expect(server.received[0]?.headers).to.not.have.property('x-nusantara-signature')
  })

  const refusals: readonly [string, number, string, Record<string, string>, object][] = [
    ['ssl.dns_credentials_refused', 401, '', {}, {}],
    ['ssl.dns_credentials_refused', 403, '', {}, {}],
    ['ssl.dns_rate_limited', 429, '', { 'retry-after': '5' }, { seconds: 5 }],
    ['ssl.dns_provider_failed', 302, '', { location: 'http://127.0.0.1/' }, { status: 302, reason: 'none' }],
    ['ssl.dns_provider_failed', 500, `no\nzone ${secret}`, {}, { status: 500, reason: 'no zone …' }],
    ['ssl.dns_provider_failed', 500, 'x'.repeat(200_000), {}, { reason: `${'x'.repeat(199)}…` }],
  ]
  for (const [code, status, body, headers, params] of refusals)
    it(`an answer ${status} ${JSON.stringify(body.slice(0, 20))} is told as ${code}`, async () => {
      await using server = await startHttp((_, response) => reply(response, status, headers, body))
      const problem = await refusal(provider(server.url).present(record, signal))
      expect(problem.code).to.equal(code)
      expect(problem.params).to.include({ provider: 'webhook', ...params })
      expect(JSON.stringify([problem, problem.stack])).to.not.include(secret)
      expect(server.received).to.have.length(1)
    })

  it('may go on talking for ever without the panel listening', async () => {
    await using server = await startHttp((_, response) => {
      const talk = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) {}
      }
      response.on('drain', talk).writeHead(500)
      talk()
    })
    expect((await refusal(provider(server.url).present(record, signal))).code).to.equal('ssl.dns_provider_failed')
  })

  it('that is not there is named, without its path', async () => {
    const host = `127.0.0.1:${await freePort()}`
    const problem = await refusal(provider(`http://${host}/path?token=hidden`).present(record, signal))
    expect([problem.code, problem.params]).to.deep.equal([
      'ssl.dns_provider_unreachable',
      { provider: 'webhook', host, reason: 'ECONNREFUSED' },
    ])
  })

  it('that says nothing is given up, and left at once when the job is cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    await using server = await startHttp(() => controller.abort(reason))
    const present = provider(server.url).present(record, controller.signal)
    expect(await present.catch((error: unknown) => error)).to.equal(reason)
    const hasty = new WebhookProvider({ type: 'webhook', url: server.url }, resolver, Date.now, 20)
    expect((await refusal(hasty.present(record, signal))).params.reason).to.equal('ETIMEDOUT')
  })

  it('over https is trusted by the authority that is given', async () => {
    const secure = await selfSigned()
    await using server = await startHttp((_, response) => response.end(), secure)
    await provider(server.url, { caPem: secure.cert }).present(record, signal)
    expect(server.received).to.have.length(1)
    const problem = await refusal(provider(server.url).present(record, signal))
    expect([problem.code, problem.params.reason]).to.deep.equal([
      'ssl.dns_provider_unreachable',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ])
    expect(
      (await refusal(provider(server.url, { caPem: (await selfSigned()).cert }).present(record, signal))).code,
    ).to.equal('ssl.dns_provider_unreachable')
  })

  it('over http is on this machine or nowhere', () => {
    expect(() => provider('http://192.0.2.1/')).to.throw(TypeError)
  })
})

async function selfSigned(): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=webhook of the tests',
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') }
}
