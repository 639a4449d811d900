import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { expect } from 'chai'
import { ask } from '../server/dns/ask.js'
import { providerOf } from '../server/dns/provider.js'
import { Resolver } from '../server/dns/resolver.js'
import { startHttp, type TestHttpServer } from '../server/dns/testing/http-server.js'
import { type Named, startNamed } from '../server/dns/testing/named.js'
import type { TsigKey } from '../server/dns/tsig.js'
import { made } from '../server/pem/testing.js'
import { SslPanel } from '../testing/ssl-panel.js'

const signal = new AbortController().signal
const key: TsigKey = {
  name: 'panel.example.test',
  algorithm: 'hmac-sha256',
  secret: Buffer.alloc(32, 'right key').toString('base64'),
}
const wrong = { ...key, secret: Buffer.alloc(32, 'wrong key').toString('base64') }
const webhookSecret = 'a secret that only the webhook knows'

describe('names that are proven by DNS, from the order to the handshake', function () {
  this.timeout(60_000)
  let named: Named
  let webhook: TestHttpServer
  let ssl: SslPanel
  let root: string
  const signatures: boolean[] = []
  before(async () => {
    const hosts = ['@ NS ns1', 'ns1 A 127.0.0.1', '@ A 127.0.0.1', '* A 127.0.0.1']
    named = await startNamed(
      {
        'example.test': {
          records: [...hosts, '_acme-challenge.away CNAME proofs'],
          updaters: [key.name],
        },
      },
      [key],
    )
    const own = await made({
      names: ['localhost'],
      addresses: ['127.0.0.1'],
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000).toISOString(),
    })
    const changer = providerOf(
      { type: 'rfc2136', server: named.server, tsig: key },
      { resolver: new Resolver([named.endpoint]) },
    )
    // What a team would write: it checks the signature, changes the zone and answers.
    webhook = await startHttp(
      ({ body, headers }, response) => {
        const signed = `${headers['x-nusantara-timestamp']}.${body}`
        const expected = `sha256=${createHmac('sha256', webhookSecret).update(signed).digest('hex')}`
        signatures.push(headers['x-nusantara-signature'] === expected)
        const { action, ...record } = JSON.parse(body) as { action: 'present' | 'cleanup'; name: string; value: string }
        changer[action](record, signal).then(
          () => answer(response, 204),
          (error: Error) => answer(response, 500, error.message),
        )
      },
      { cert: own.pem, key: own.key },
    )
    ssl = await SslPanel.start({ logLevel: 'debug' }, { dns: named.server })
    root = await ssl.pebble.root()
    await ssl.done(ssl.admin.patch('/settings/ssl', { resolvers: named.server }), 200)
    await provider('bind', { type: 'rfc2136', server: named.server, tsig: key })
    await provider('wrong', { type: 'rfc2136', server: named.server, tsig: wrong })
    await provider('hook', { type: 'webhook', url: webhook.url, secret: webhookSecret, caPem: own.pem })
  })
  after(async () => {
    await ssl?.stop()
    await webhook?.[Symbol.asyncDispose]()
    await named?.[Symbol.asyncDispose]()
  })

  const provider = (id: string, config: object) =>
    ssl.done(ssl.admin.put('/ssl/providers', { id, name: id, config: { ...config, nameservers: [named.server] } }), 200)
  const records = async (name: string) =>
    (await ask(named.endpoint, { name, type: 'TXT' }, false, signal)).answers.filter(({ type }) => type === 'TXT')
  const logOf = async (job: string) => (await ssl.admin.get(`/jobs/${job}/log`)).text
  const issue = async (id: string, body: object) =>
    (await ssl.done(ssl.admin.post(`/ssl/sites/${id}/issue`, body), 202)).body.job.id as string

  it('a wildcard is served, and nothing is left in the zone', async () => {
    const id = await ssl.site('wild.example.test', { aliases: ['*.wild.example.test'] })
    const job = await issue(id, { provider: 'bind' })
    await ssl.succeeded(job)
    for (const host of ['wild.example.test', 'any.wild.example.test']) {
      const seen = await ssl.visit(host, { root })
      expect(seen.status, host).to.equal(200)
      expect(seen.certificate.subjectaltname).to.include('DNS:*.wild.example.test')
    }
    const { order, secured } = await ssl.standing(id)
    expect(order).to.deep.include({ challenge: 'dns-01', provider: 'bind' })
    expect(secured).to.deep.equal(['wild.example.test', '*.wild.example.test'])
    expect(await logOf(job)).to.include('_acme-challenge.wild.example.test: 1 of 1 name servers have it')
    expect(await records('_acme-challenge.wild.example.test')).to.deep.equal([])
    await ssl.change('post', `/ssl/sites/${id}/renew`)
    expect(await records('_acme-challenge.wild.example.test')).to.deep.equal([])
    const used = await ssl.admin.delete('/ssl/providers/bind')
    expect([used.status, used.body.code]).to.deep.equal([409, 'ssl.provider_in_use'])
  })

  it('a challenge that is delegated to another name is proven there', async () => {
    const id = await ssl.site('away.example.test')
    await ssl.succeeded(await issue(id, { provider: 'bind' }))
    expect((await ssl.visit('away.example.test', { root })).status).to.equal(200)
    expect(await records('proofs.example.test')).to.deep.equal([])
  })

  it('a program of one’s own changes the zone, asked over HTTPS and by signature', async () => {
    const id = await ssl.site('hook.example.test', { aliases: ['*.hook.example.test'] })
    await ssl.succeeded(await issue(id, { provider: 'hook' }))
    expect((await ssl.visit('any.hook.example.test', { root })).status).to.equal(200)
    expect(await records('_acme-challenge.hook.example.test')).to.deep.equal([])
    const actions = webhook.received.map(({ body }) => (JSON.parse(body) as { action: string }).action)
    expect(actions.toSorted()).to.deep.equal(['cleanup', 'cleanup', 'present', 'present'])
    expect(signatures.every(Boolean), 'each is signed').to.equal(true)
  })

  it('a wrong key is named, and changes nothing', async () => {
    const id = await ssl.site('key.example.test', { aliases: ['*.key.example.test'] })
    const refused = await ssl.failed(await issue(id, { provider: 'wrong' }))
    expect(refused.code).to.equal('ssl.dns_key_wrong')
    expect(refused.params).to.deep.equal({ server: named.server, key: key.name })
    expect(await records('_acme-challenge.key.example.test')).to.deep.equal([])
    const standing = await ssl.standing(id)
    expect(standing).to.include({ certificate: null, order: null, renewAt: null })
    expect(standing.failure?.code).to.equal('ssl.dns_key_wrong')
    expect((await ssl.plain('key.example.test')).status).to.equal(200)
    await ssl.succeeded(await issue(id, { provider: 'bind' }))
    const before = (await ssl.visit('key.example.test', { root })).certificate.fingerprint256
    expect((await ssl.failed(await issue(id, { provider: 'wrong' }))).code).to.equal('ssl.dns_key_wrong')
    expect((await ssl.visit('key.example.test', { root })).certificate.fingerprint256).to.equal(before)
    expect((await ssl.standing(id)).order?.provider, 'it renews as it did').to.equal('bind')
  })

  it('a name that came later is proven over HTTP: nobody said that a provider may prove it', async () => {
    const owner = ssl.panel.as('user')
    const id = await ssl.site('owned.example.test', {}, owner)
    await ssl.succeeded(await issue(id, { provider: 'bind' }))
    await ssl.change('patch', `/sites/${id}`, { domain: 'coveted.example.test' }, owner)
    const { body } = await ssl.done(owner.post(`/ssl/sites/${id}/renew`), 202)
    await ssl.succeeded(body.job.id)
    expect(await logOf(body.job.id)).to.not.include('name servers')
    const { order, secured } = await ssl.standing(id)
    expect(order).to.deep.include({ challenge: 'http-01', names: ['coveted.example.test'] })
    expect(order).to.not.have.property('provider')
    expect(secured).to.deep.equal(['coveted.example.test'])
    const { items } = (await ssl.admin.get(`/jobs?resource=${id}&limit=20`)).body as { items: { type: string }[] }
    expect(
      items.filter(({ type }) => type === 'ssl.issue'),
      'none by itself',
    ).to.have.length(2)
  })

  it('a server that never shows the record is named, and the record goes', async () => {
    const elsewhere = await startNamed({ 'example.test': { records: ['@ NS ns1', 'ns1 A 127.0.0.1'] } })
    try {
      const config = { type: 'rfc2136', server: named.server, tsig: key, nameservers: [elsewhere.server] }
      await ssl.done(ssl.admin.put('/ssl/providers', { id: 'lags', name: 'lags', config }), 200)
      const id = await ssl.site('lags.example.test')
      const job = await issue(id, { provider: 'lags' })
      for (let tries = 0; !(await logOf(job)).includes('0 of 1 name servers have it') && tries < 200; tries++)
        await new Promise(resolve => setTimeout(resolve, 25))
      expect(await records('_acme-challenge.lags.example.test')).to.have.length(1)
      // Ten minutes are long; who gives up leaves nothing behind either.
      await ssl.done(ssl.admin.post(`/jobs/${job}/cancel`), 202)
      expect((await ssl.panel.waitForJob(job)).state).to.equal('cancelled')
      expect(await records('_acme-challenge.lags.example.test')).to.deep.equal([])
    } finally {
      await elsewhere[Symbol.asyncDispose]()
    }
  })

  it('a list of resolvers that is none is refused where it is written', async () => {
    const answer = await ssl.admin.patch('/settings/ssl', { resolvers: 'ns.example.test' })
    expect(answer.status, answer.text).to.equal(422)
    expect(answer.text).to.include('is not a list of addresses')
  })

  it('secrets of providers are in no answer, audit entry, job, log or file', async () => {
    const secrets = [key.secret, wrong.secret, webhookSecret]
    const { items } = (await ssl.admin.get('/ssl/providers')).body
    expect(items.map((each: { id: string }) => each.id)).to.deep.equal(['bind', 'hook', 'lags', 'wrong'])
    const places: Record<string, string> = {
      answer: (await provider('bind', { type: 'rfc2136', server: named.server, tsig: key })).text,
      list: JSON.stringify(items),
      audit: (await ssl.admin.get('/audit?limit=100')).text,
    }
    const jobs = (await ssl.admin.get('/jobs?limit=100')).body.items as { id: string }[]
    expect(jobs.length).to.be.greaterThan(8)
    for (const { id } of jobs) places[`job ${id}`] = (await ssl.admin.get(`/jobs/${id}`)).text + (await logOf(id))
    const files = readdirSync(ssl.panel.home, { recursive: true, withFileTypes: true }).filter(file => file.isFile())
    expect(files.map(({ name }) => name)).to.include('panel.log')
    for (const { parentPath, name } of files)
      places[join(parentPath, name)] = readFileSync(join(parentPath, name), 'latin1')
    for (const [place, text] of Object.entries(places))
      for (const secret of secrets) expect(text.includes(secret), place).to.equal(false)
  })
})

/** Not `writeHead`, which the panel's web framework replaces in this process. */
function answer(response: ServerResponse, status: number, text = ''): void {
  response.statusCode = status
  response.end(text)
}
