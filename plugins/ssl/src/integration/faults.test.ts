import { expect } from 'chai'
import { made } from '../server/pem/testing.js'
import { RefusingAuthority } from '../testing/refusing-authority.js'
import { SslPanel } from '../testing/ssl-panel.js'

describe('when an authority fails or refuses', function () {
  this.timeout(60_000)
  let ssl: SslPanel
  let root: string
  before(async () => {
    ssl = await SslPanel.start({}, { env: { PEBBLE_WFE_NONCEREJECT: '50' } })
    root = await ssl.pebble.root()
  })
  after(() => ssl?.stop())

  const send = async (id: string, body: object = {}) =>
    (await ssl.done(ssl.admin.post(`/ssl/sites/${id}/issue`, body), 202)).body.job.id as string
  const fingerprint = async (host: string) => (await ssl.visit(host, { root })).certificate.fingerprint256

  it('gets through although every second nonce is rejected', async () => {
    const ids = await Promise.all(['a', 'b', 'c'].map(name => ssl.site(`${name}.nonce.example.test`)))
    await Promise.all(ids.map(id => ssl.change('post', `/ssl/sites/${id}/issue`, {})))
    for (const name of ['a', 'b', 'c'])
      expect((await ssl.visit(`${name}.nonce.example.test`, { root })).status).to.equal(200)
  })

  it('keeps what is served, says which name failed and why, and tries a renewal again later', async () => {
    const id = await ssl.site('keep.example.test', { aliases: ['gone.keep.example.test'] })
    await ssl.change('post', `/ssl/sites/${id}/issue`, { names: ['keep.example.test'] })
    const before = await fingerprint('keep.example.test')
    const standing = await ssl.standing(id)
    await ssl.pebble.resolve('gone.keep.example.test', '127.0.0.77')
    const problem = await ssl.failed(await send(id))
    expect(problem.code).to.equal('ssl.challenge_failed')
    expect(problem.params).to.include({ name: 'gone.keep.example.test' })
    expect(await fingerprint('keep.example.test')).to.equal(before)
    const after = await ssl.standing(id)
    expect(after.certificate).to.deep.equal(standing.certificate)
    expect(after.renewAt, 'nothing renews sooner because somebody tried').to.equal(standing.renewAt)
    expect(after.failure?.code).to.equal('ssl.challenge_failed')
    // Without the name that fails, as the administrator decides.
    await ssl.change('post', `/ssl/sites/${id}/issue`, { names: ['keep.example.test'] })
    expect((await ssl.standing(id)).failure).to.equal(null)
    await ssl.pebble.resolve('keep.example.test', '127.0.0.77')
    const renewal = await ssl.done(ssl.admin.post(`/ssl/sites/${id}/renew`), 202)
    expect((await ssl.failed(renewal.body.job.id)).code).to.equal('ssl.challenge_failed')
    const failed = await ssl.standing(id)
    const wait = Date.parse(failed.renewAt ?? '') - Date.parse(failed.failure?.at ?? '')
    expect(wait / 60_000, 'minutes').to.be.within(0.85, 1.15)
    const { items } = (await ssl.admin.get('/jobs?state=queued&limit=20')).body
    const queued = items.filter((job: { type: string; notBefore: string }) => job.type === 'ssl.issue')
    expect(queued.map((job: { notBefore: string }) => job.notBefore)).to.deep.equal([failed.renewAt])
    await ssl.admin.post(`/jobs/${queued[0].id}/cancel`)
    await ssl.pebble.resolve('keep.example.test', '127.0.0.1')
    await ssl.change('post', `/ssl/sites/${id}/renew`)
    expect(await ssl.standing(id)).to.include({ failures: 0, failure: null })
  })

  it('tells that it cannot be reached, and goes on once it is back', async () => {
    const id = await ssl.site('down.example.test')
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    const before = await fingerprint('down.example.test')
    await ssl.pebble.down()
    const problem = await ssl.failed(await send(id))
    expect(problem.code).to.equal('ssl.authority_unreachable')
    expect(problem.params).to.include({ authority: 'Pebble' })
    expect(await fingerprint('down.example.test')).to.equal(before)
    await ssl.pebble.up()
    root = await ssl.pebble.root()
    // It has forgotten the account, as no real one does; the panel registers it anew.
    const again = await ssl.panel.waitForJob(await send(id))
    expect(again.state, JSON.stringify(again.problem)).to.equal('succeeded')
    expect((await ssl.visit('down.example.test', { root })).status).to.equal(200)
  })

  it('waits as long as it is told to', async () => {
    const stub = await RefusingAuthority.before(ssl.pebble)
    try {
      const body = { id: 'limited', name: 'Limited', directoryUrl: stub.directoryUrl, caPem: stub.caPem }
      await ssl.done(ssl.admin.post('/ssl/authorities', body), 201)
      const id = await ssl.site('limited.example.test')
      const urn = 'urn:ietf:params:acme:error:rateLimited'
      const detail = 'too many certificates already issued'
      stub.refuse({ status: 429, body: { type: urn, detail }, headers: { 'retry-after': '7200' } })
      const problem = await ssl.failed(await send(id, { authority: 'limited' }))
      expect(problem.code, JSON.stringify(problem)).to.equal('ssl.rate_limited')
      expect(problem.params).to.include({ authority: 'Limited', detail })
      const wait = Date.parse(String(problem.params.until)) - Date.now()
      expect(wait / 60_000, 'minutes').to.be.within(118, 121)
      stub.refuse({
        status: 403,
        body: { type: 'urn:ietf:params:acme:error:unauthorized', detail: 'no \u001b[31mway' },
      })
      const refused = await ssl.failed(await send(id, { authority: 'limited' }))
      expect(refused.code).to.equal('ssl.authority_refused')
      expect(refused.params).to.include({ type: 'unauthorized', detail: 'no  [31mway' })
      stub.refuse({ status: 500, body: {} })
      expect((await ssl.failed(await send(id, { authority: 'limited' }))).code).to.equal('ssl.authority_unreachable')
    } finally {
      await stub.stop()
    }
  })

  it('has one order a site at a time', async () => {
    const id = await ssl.site('twice.example.test')
    const answers = await Promise.all([1, 2, 3].map(() => ssl.admin.post(`/ssl/sites/${id}/issue`, {})))
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([202, 409, 409])
    const refused = answers.find(({ status }) => status === 409)
    expect(refused?.body.code).to.equal('ssl.order_running')
    await ssl.succeeded(answers.find(({ status }) => status === 202)?.body.job.id)
    await ssl.change('post', `/ssl/sites/${id}/renew`)
    const { certificate, job } = await ssl.standing(id)
    const served = (await fingerprint('twice.example.test')).replaceAll(':', '').toLowerCase()
    expect([served, job]).to.deep.equal([certificate?.fingerprint, null])
    expect((await ssl.admin.get(`/ssl/sites/${id}/certificates`)).body.items).to.have.length(2)
  })

  it('serves the last of several that are brought at once, and never none', async () => {
    const name = 'many.example.test'
    const id = await ssl.site(name)
    const dates = {
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000 * 60).toISOString(),
    }
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => made({ names: [name], ca: false, ...dates })))
    const bring = (pem: string, headers: Record<string, string> = {}) =>
      ssl.admin.post(`/ssl/sites/${id}/upload`, { pem }, headers)
    const all = [first, second, third].map(each => `${each?.pem}${each?.key}`)
    const plan = await ssl.admin.post(`/ssl/sites/${id}/upload?dry_run=true`, { pem: all[0] })
    const answers = await Promise.all([
      bring(all[0] ?? '', { 'Plan-Hash': plan.body.hash }),
      bring(all[1] ?? ''),
      bring(all[2] ?? '', { 'Plan-Hash': plan.body.hash }),
    ])
    expect(answers.map(({ status }) => status)).to.deep.equal([202, 202, 409])
    for (const { body } of answers.slice(0, 2)) await ssl.succeeded(body.job.id)
    const { certificate, health, secured } = await ssl.standing(id)
    const seen = (await ssl.visit(name)).certificate.fingerprint256.replaceAll(':', '').toLowerCase()
    expect([seen, health, secured]).to.deep.equal([certificate?.fingerprint, 'ok', [name]])
    const kept = (await ssl.admin.get(`/ssl/sites/${id}/certificates`)).body.items
    expect(kept.map((each: { state: string }) => each.state)).to.deep.equal(['valid', 'valid'])
  })

  it('adds up what several people decide at once', async () => {
    const id = await ssl.site('both.example.test')
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    await Promise.all([
      ssl.change('patch', `/ssl/sites/${id}`, { profile: 'modern' }),
      ssl.change('patch', `/ssl/sites/${id}`, { hsts: 300 }),
    ])
    expect((await ssl.standing(id)).policy).to.include({ profile: 'modern', hsts: 300, redirect: true })
  })

  it('takes a certificate of one’s own, and says why not', async () => {
    const id = await ssl.site('own.example.test', { aliases: ['www.own.example.test'] })
    const dates = {
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000 * 60).toISOString(),
    }
    const ca = await made({ subject: 'Own Root', ca: true, ...dates })
    const names = ['own.example.test', '*.own.example.test']
    const leaf = await made({ names, issuer: ca, ca: false, ...dates })
    const other = await made({ names, issuer: ca, ca: false, ...dates })
    const refuse = async (pem: string, words: string) => {
      const answer = await ssl.admin.post(`/ssl/sites/${id}/upload`, { pem })
      expect([answer.status, answer.body.code], answer.text).to.deep.equal([422, 'ssl.upload_refused'])
      expect(answer.body.message).to.match(new RegExp(words, 'i'))
      expect(answer.body.fields[0].path).to.equal('pem')
    }
    await refuse('nothing', 'certificate')
    await refuse(leaf.pem, 'key')
    await refuse(leaf.pem + other.key, 'key')
    const foreign = await made({ names: ['foreign.example.test'], issuer: ca, ca: false, ...dates })
    await refuse(foreign.pem + foreign.key, 'own.example.test')
    await ssl.change('post', `/ssl/sites/${id}/upload`, { pem: `${leaf.key}\r\n${ca.pem}${leaf.pem}` })
    const seen = await ssl.visit('www.own.example.test', { root: ca.pem })
    expect(seen.status).to.equal(200)
    const standing = await ssl.standing(id)
    const secret = leaf.key.split('\n')[1] as string
    expect((await ssl.admin.get('/audit?limit=100')).text).to.not.include(secret)
    expect((await ssl.admin.get('/jobs?limit=100')).text).to.not.include(secret)
    expect(standing.certificate).to.include({ kind: 'upload', exportable: true })
    expect(standing.order, 'nobody renews it').to.equal(null)
    const renewal = await ssl.admin.post(`/ssl/sites/${id}/renew`)
    expect([renewal.status, renewal.body.code]).to.deep.equal([409, 'ssl.no_certificate'])
    expect((await ssl.admin.post(`/ssl/sites/${id}/export`)).body.key.trim()).to.equal(leaf.key.trim())
    await ssl.change('post', `/ssl/sites/${id}/self-sign`, { days: 10 })
    expect((await ssl.visit('own.example.test')).certificate.subjectaltname).to.include('DNS:own.example.test')
  })

  it('is found under names that are too long for a map of the web server', async () => {
    const label = (letter: string) => letter.repeat(60)
    const long = `${label('a')}.${label('b')}.example.test`
    const wild = `*.${label('c')}.example.test`
    const id = await ssl.site(long, { aliases: [wild, `www.${long}`] })
    await ssl.change('post', `/ssl/sites/${id}/self-sign`, { days: 10 })
    expect((await ssl.visit(long.toUpperCase())).status).to.equal(200)
    for (const host of [long, `www.${long}`, `x.${label('c')}.example.test`]) {
      const seen = await ssl.visit(host)
      expect([seen.status, seen.certificate.subjectaltname?.includes(long)], host).to.deep.equal([200, true])
    }
    const outside = await ssl.visit(`${label('a')}x${label('b').slice(1)}.example.test`).catch(() => 'refused')
    expect(outside).to.equal('refused')
  })

  it('lets nobody but administrators prove names through the DNS of the server', async () => {
    const config = { type: 'webhook', url: 'https://127.0.0.1:9/', secret: 'a-secret-of-the-hook' }
    await ssl.done(ssl.admin.put('/ssl/providers', { id: 'zone', name: 'Zone', config }), 200)
    const owner = ssl.panel.as('user')
    const id = await ssl.site('owners.example.test', {}, owner)
    const refused = await owner.post(`/ssl/sites/${id}/issue`, { provider: 'zone' })
    expect([refused.status, refused.body.code]).to.deep.equal([422, 'ssl.provider_unknown'])
    expect((await owner.get('/ssl/providers')).body.items).to.deep.equal([])
    const planned = await ssl.admin.post(`/ssl/sites/${id}/issue?dry_run=true`, { provider: 'zone' })
    expect(planned.status, planned.text).to.equal(200)
    for (const place of ['/ssl/providers', '/audit?limit=50'])
      expect((await ssl.admin.get(place)).text).to.not.include('a-secret-of-the-hook')
  })

  it('needs what the authority gave for the account, where it wants that', async () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64url')
    const bound = await SslPanel.start({}, { bindings: { 'kid-1': key } })
    try {
      const id = await bound.site('bound.example.test')
      const without = await bound.done(bound.admin.post(`/ssl/sites/${id}/issue`, {}), 202)
      expect((await bound.failed(without.body.job.id)).params).to.include({ type: 'externalAccountRequired' })
      const { directoryUrl, caPem } = bound.pebble
      const body = { id: 'bound', name: 'Bound', directoryUrl, caPem, eabKeyId: 'kid-1', eabSecret: key }
      const answer = await bound.done(bound.admin.post('/ssl/authorities', body), 201)
      expect(answer.text).to.not.include(key)
      await bound.change('post', `/ssl/sites/${id}/issue`, { authority: 'bound' })
      const seen = await bound.visit('bound.example.test', { root: await bound.pebble.root() })
      expect(seen.status).to.equal(200)
      expect((await bound.admin.get('/audit?limit=100')).text).to.not.include(key)
      const used = await bound.admin.delete('/ssl/authorities/bound')
      expect([used.status, used.body.code]).to.deep.equal([409, 'ssl.authority_in_use'])
    } finally {
      await bound.stop()
    }
  })
})
