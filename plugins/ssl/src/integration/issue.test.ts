import { readdirSync, readFileSync, statSync } from 'node:fs'
import { expect } from 'chai'
import { startDatabase, type TestDatabase } from '../testing/database.js'
import { SslPanel } from '../testing/ssl-panel.js'

for (const store of ['SQLite', 'PostgreSQL'] as const)
  describe(`a certificate from an authority, on ${store}`, function () {
    this.timeout(60_000)
    let database: TestDatabase | undefined
    let ssl: SslPanel
    let root: string
    before(async () => {
      if (store === 'PostgreSQL') database = await startDatabase()
      ssl = await SslPanel.start({ databaseUrl: database?.url })
      root = await ssl.pebble.root()
    })
    after(async () => {
      await ssl?.stop()
      await database?.stop()
    })

    const issue = (id: string, body: object = {}) => ssl.change('post', `/ssl/sites/${id}/issue`, body)
    const tenantOf = async (id: string) => (await ssl.admin.get<{ tenant: string }>(`/sites/${id}`)).body.tenant

    it('is served under every name of the site, to which plain HTTP leads', async () => {
      const id = await ssl.site('one.example.test', { aliases: ['www.one.example.test'] })
      expect(await ssl.standing(id)).to.include({ certificate: null, health: 'none' })
      await issue(id)
      for (const host of ['one.example.test', 'www.one.example.test']) {
        const seen = await ssl.visit(host, { root, address: '::1' })
        expect([seen.status, seen.protocol], host).to.deep.equal([200, 'TLSv1.3'])
        const plain = await ssl.plain(host, '/a?b=1')
        expect([plain.status, plain.headers.location]).to.deep.equal([
          308,
          `https://${host}:${ssl.panel.sites.https}/a?b=1`,
        ])
      }
      const standing = await ssl.standing(id)
      const { certificate, secured, renewAt, order } = standing
      expect(certificate).to.include({ state: 'valid', authority: 'pebble', kind: 'acme', keyType: 'ec256' })
      expect(secured).to.deep.equal(['one.example.test', 'www.one.example.test'])
      expect(order).to.deep.include({ challenge: 'http-01', keyType: 'ec256' })
      expect(standing).to.include({ health: 'ok', failures: 0, failure: null })
      const [from, until] = [certificate?.notBefore, certificate?.notAfter].map(time => Date.parse(time ?? ''))
      const share = (Date.parse(renewAt ?? '') - (from ?? 0)) / ((until ?? 0) - (from ?? 0))
      expect(share, 'after two thirds of its life, less some jitter').to.be.within(0.6, 0.67)
      expect((await ssl.visit('one.example.test', { alpn: ['h2'] })).alpn).to.equal('h2')
    })

    it('names nobody else: a stranger is refused in the handshake', async () => {
      const refused = await ssl.visit('nobody.example.test').then(
        () => 'accepted',
        (error: NodeJS.ErrnoException) => error.code,
      )
      expect(refused).to.equal('ERR_SSL_TLSV1_UNRECOGNIZED_NAME')
    })

    it('leaves its key with root alone, and shows it to nobody', async () => {
      const id = await ssl.site('two.example.test')
      const plan = await ssl.admin.post(`/ssl/sites/${id}/issue?dry_run=true`, {})
      expect(plan.status, plan.text).to.equal(200)
      expect(plan.body.late).to.equal(true)
      await issue(id)
      const tenant = await tenantOf(id)
      const directory = `${ssl.panel.home}/etc/nginx/nusantara.d`
      const key = readFileSync(`${directory}/${tenant}.key`, 'utf8')
      expect(key).to.include('BEGIN PRIVATE KEY')
      expect(statSync(`${directory}/${tenant}.key`).mode & 0o777).to.equal(0o600)
      const secret = /PRIVATE KEY-----\\n([A-Za-z0-9+/]{40})/.exec(key)?.[1] as string
      expect(secret).to.have.length(40)
      const policy = await ssl.admin.patch(`/ssl/sites/${id}?dry_run=true`, { hsts: 300 })
      const renewal = await ssl.admin.post(`/ssl/sites/${id}/renew?dry_run=true`)
      const places = [plan.text, policy.text, renewal.text, (await ssl.admin.get('/audit?limit=100')).text]
      const jobs = (await ssl.admin.get('/jobs?limit=50')).body.items as { id: string }[]
      for (const job of jobs) places.push((await ssl.admin.get(`/jobs/${job.id}`)).text)
      for (const place of places) expect(place.includes(secret)).to.equal(false)
      const exported = await ssl.admin.post(`/ssl/sites/${id}/export`)
      expect([exported.status, exported.body.code]).to.deep.equal([409, 'ssl.not_exportable'])
      expect(readdirSync(ssl.panel.home).some(name => name.includes(secret))).to.equal(false)
    })

    it('is asked for in front of redirects, proxies, suspended and already secured sites', async () => {
      const kinds = {
        redirect: {
          runtime: { type: 'redirect', target: 'https://elsewhere.example.test', status: 301, keepPath: true },
        },
        proxy: { runtime: { type: 'proxy', target: 'http://127.0.0.1:1099', timeout: 5 } },
        php: { runtime: 'php' },
        suspended: {},
      }
      for (const [kind, more] of Object.entries(kinds)) {
        const host = `${kind}.example.test`
        const id = await ssl.site(host, more)
        if (kind === 'suspended') await ssl.change('post', `/sites/${id}/suspend`, {})
        await issue(id)
        expect((await ssl.visit(host, { root })).certificate.subjectaltname, kind).to.equal(`DNS:${host}`)
        // Through the redirect to HTTPS that stands by now.
        await ssl.change('post', `/ssl/sites/${id}/renew`)
      }
      const custom = await ssl.site('custom.example.test')
      const directives = 'location ^~ /.well-known/ { return 403; }\nlocation ~ challenge { return 403; }'
      const sent = await ssl.admin.put(`/sites/${custom}/directives`, { directives })
      await ssl.succeeded(sent.body.job.id)
      await issue(custom)
      expect((await ssl.visit('custom.example.test', { root })).status).to.equal(200)
    })

    it('is renewed with a new key, and the one before stays until the new one is seen', async () => {
      const id = await ssl.site('renew.example.test')
      await issue(id)
      const before = (await ssl.standing(id)).certificate
      const served = (await ssl.visit('renew.example.test', { root })).certificate.fingerprint256
      await ssl.change('post', `/ssl/sites/${id}/renew`)
      const after = (await ssl.standing(id)).certificate
      const seen = (await ssl.visit('renew.example.test', { root })).certificate
      expect(after?.id).to.not.equal(before?.id)
      expect(seen.fingerprint256).to.not.equal(served)
      expect(seen.fingerprint256.replaceAll(':', '').toLowerCase()).to.equal(after?.fingerprint)
      const { items } = (await ssl.admin.get(`/ssl/sites/${id}/certificates`)).body
      expect(items.map((each: { id: string }) => each.id)).to.deep.equal([after?.id, before?.id])
      for (let round = 0; round < 2; round++) await ssl.change('post', `/ssl/sites/${id}/renew`)
      expect((await ssl.admin.get(`/ssl/sites/${id}/certificates`)).body.items).to.have.length(2)
    })

    it('goes with what people decide about it', async () => {
      const id = await ssl.site('policy.example.test')
      const without = await ssl.admin.patch(`/ssl/sites/${id}`, { redirect: true })
      expect([without.status, without.body.code]).to.deep.equal([409, 'ssl.no_certificate'])
      await issue(id)
      const contradiction = await ssl.admin.patch(`/ssl/sites/${id}`, { redirect: false, hsts: 300 })
      expect([contradiction.status, contradiction.body.code]).to.deep.equal([422, 'ssl.hsts_needs_redirect'])
      expect(contradiction.body.fields[0].path).to.equal('hsts')
      await ssl.change('patch', `/ssl/sites/${id}`, { hsts: 86_400, hstsSubdomains: true })
      const strict = await ssl.visit('policy.example.test', { root })
      expect(strict.headers).to.include('Strict-Transport-Security: max-age=86400; includeSubDomains')
      expect((await ssl.plain('policy.example.test')).headers['strict-transport-security']).to.equal(undefined)
      await ssl.change('patch', `/ssl/sites/${id}`, { profile: 'modern' })
      expect((await ssl.visit('policy.example.test', { root })).protocol).to.equal('TLSv1.3')
      const old = await ssl.visit('policy.example.test', { maxVersion: 'TLSv1.2' }).then(
        () => 'accepted',
        () => 'refused',
      )
      expect(old).to.equal('refused')
      expect((await ssl.visit('one.example.test', { root, maxVersion: 'TLSv1.2' })).protocol).to.equal('TLSv1.2')
      await ssl.change('patch', `/ssl/sites/${id}`, { hsts: 0, redirect: false, profile: 'intermediate' })
      expect((await ssl.plain('policy.example.test')).status).to.equal(200)
      expect((await ssl.visit('policy.example.test', { root })).headers).to.not.include('Strict-Transport')
      await ssl.change('delete', `/ssl/sites/${id}`)
      expect((await ssl.plain('policy.example.test')).status).to.equal(200)
      expect(await ssl.visit('policy.example.test').catch(() => 'refused')).to.equal('refused')
      const { certificate, order, renewAt } = await ssl.standing(id)
      expect([certificate, order, renewAt]).to.deep.equal([null, null, null])
    })

    it('is the one of the very name where another site of its owner has a wildcard, whatever each wants of clients', async () => {
      const wild = await ssl.site('w.example.test', { aliases: ['*.w.example.test'] })
      const exact = await ssl.site('a.w.example.test')
      for (const id of [wild, exact]) await ssl.change('post', `/ssl/sites/${id}/self-sign`, { days: 9 })
      for (const modern of [wild, exact]) {
        for (const id of [wild, exact])
          await ssl.change('patch', `/ssl/sites/${id}`, { profile: id === modern ? 'modern' : 'intermediate' })
        expect((await ssl.visit('a.w.example.test')).certificate.subjectaltname).to.equal('DNS:a.w.example.test')
        const old = await ssl.visit('a.w.example.test', { maxVersion: 'TLSv1.2' }).then(
          seen => seen.certificate.subjectaltname,
          () => 'refused',
        )
        expect(old).to.equal(modern === exact ? 'refused' : 'DNS:a.w.example.test')
      }
      const foreign = await ssl.visit('w.example.test', { as: 'foreign.example.test' })
      expect(foreign.status, 'a name that nobody has').to.equal(421)
    })

    it('stays with a site that changes: other names, a suspension, a new life', async () => {
      const id = await ssl.site('moves.example.test')
      await issue(id)
      // A certificate for the new name is ordered at once, and fails: it does not lead here yet.
      await ssl.pebble.resolve('new.moves.example.test', '127.0.0.77')
      await ssl.change('patch', `/sites/${id}`, { aliases: ['new.moves.example.test'] })
      for (let tries = 0; !(await ssl.standing(id)).failure && tries < 400; tries++)
        await new Promise(resolve => setTimeout(resolve, 25))
      expect((await ssl.visit('moves.example.test', { root })).status).to.equal(200)
      // Not certified, so it is not led to where it would fail.
      expect((await ssl.plain('new.moves.example.test')).status).to.equal(200)
      expect((await ssl.standing(id)).secured).to.deep.equal(['moves.example.test'])
      await ssl.pebble.resolve('new.moves.example.test', '127.0.0.1')
      await issue(id)
      expect((await ssl.visit('new.moves.example.test', { root })).status).to.equal(200)
      await ssl.change('post', `/sites/${id}/suspend`, {})
      expect((await ssl.visit('moves.example.test', { root })).status).to.equal(503)
      await ssl.change('post', `/sites/${id}/resume`)
      await ssl.change('delete', `/sites/${id}?confirm=moves.example.test`)
      expect(await ssl.visit('moves.example.test').catch(() => 'refused')).to.equal('refused')
      const again = await ssl.site('moves.example.test')
      expect(await ssl.standing(again)).to.include({ certificate: null, health: 'none' })
      await issue(again, { keyType: 'rsa2048', exportable: true })
      const exported = await ssl.admin.post(`/ssl/sites/${again}/export`)
      expect(exported.body.key).to.include('BEGIN PRIVATE KEY')
      expect((await ssl.standing(again)).certificate).to.include({ keyType: 'rsa2048', exportable: true })
    })

    it('is revoked, out of service first', async () => {
      const id = await ssl.site('revoke.example.test')
      await issue(id)
      const { certificate } = await ssl.standing(id)
      await ssl.change('post', `/ssl/sites/${id}/revoke`, { reason: 'key-compromise' })
      expect(await ssl.pebble.status(certificate?.serial ?? '')).to.equal('Revoked')
      expect(await ssl.visit('revoke.example.test').catch(() => 'refused')).to.equal('refused')
      const twice = await ssl.admin.post(`/ssl/sites/${id}/revoke`, { certificateId: certificate?.id })
      expect([twice.status, twice.body.code]).to.deep.equal([409, 'ssl.not_revocable'])
    })

    it('is asked for only with names of the site, and by whom the site belongs to', async () => {
      const id = await ssl.site('mine.example.test', { aliases: ['*.mine.example.test'] })
      const refusals: [object, number, string][] = [
        [{ names: ['other.example.test'] }, 422, 'ssl.name_foreign'],
        [{ names: ['*.mine.example.test'] }, 422, 'ssl.wildcard_needs_dns'],
        [{ authority: 'nobody' }, 422, 'ssl.authority_unknown'],
        [{ challenge: 'dns-01', provider: 'nobody' }, 422, 'ssl.provider_unknown'],
        [{ keyType: 'rsa1024' }, 422, 'invalid_input'],
        [{ names: [] }, 422, 'invalid_input'],
      ]
      for (const [body, status, code] of refusals) {
        const answer = await ssl.admin.post(`/ssl/sites/${id}/issue`, body)
        expect([answer.status, answer.body.code], JSON.stringify(body)).to.deep.equal([status, code])
        expect(answer.body.fields?.[0]?.path, JSON.stringify(body)).to.be.a('string')
      }
      const owner = ssl.panel.as('user')
      for (const [method, path] of [
        ['get', `/ssl/sites/${id}`],
        ['post', `/ssl/sites/${id}/issue`],
        ['delete', `/ssl/sites/${id}`],
      ] as const)
        expect((await owner[method](path)).status, path).to.equal(404)
      expect((await owner.post('/ssl/authorities', {})).status).to.equal(403)
      const own = await ssl.site('budi.example.test', {}, owner)
      await ssl.change('post', `/ssl/sites/${own}/issue`, {}, owner)
      expect((await ssl.visit('budi.example.test', { root })).status).to.equal(200)
      const { items } = (await owner.get('/ssl')).body
      expect(items.map((each: { domain: string }) => each.domain)).to.deep.equal(['budi.example.test'])
    })
  })
