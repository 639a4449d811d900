import type { TestClient } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { startDatabase, type TestDatabase } from '../testing/database.js'
import { SitesPanel } from '../testing/sites-panel.js'

for (const store of ['SQLite', 'PostgreSQL'] as const)
  describe(`ports that owners of sites may proxy to, on ${store}`, function () {
    this.timeout(60_000)
    let database: TestDatabase | undefined
    let sites: SitesPanel
    let owner: TestClient
    before(async () => {
      if (store === 'PostgreSQL') database = await startDatabase()
      sites = await SitesPanel.start({ databaseUrl: database?.url })
      owner = sites.panel.as('user')
    })
    after(async () => {
      await sites?.stop()
      await database?.stop()
    })

    const proxy = (port: number) => ({ type: 'proxy' as const, target: `http://127.0.0.1:${port}` })
    const grant = async (proxyPorts: string) => {
      const { status, text } = await sites.admin.patch('/settings/sites', { proxyPorts })
      expect(status, text).to.equal(200)
    }
    const refusedPort = async (client: TestClient, domain: string, port: number) => {
      const { status, body, text } = await client.post('/sites', { domain, runtime: proxy(port) })
      expect(status, text).to.equal(422)
      return body.fields[0]
    }
    const shown = async (id: string) => (await owner.get(`/sites/${id}`)).body

    it('are none until an administrator grants some', async () => {
      const field = await refusedPort(owner, 'db.test', 5432)
      expect(field).to.include({ path: 'runtime.target', code: 'sites.upstream_not_granted' })
      expect(field.message).to.include('5432').and.include('unix:app.sock').and.include('ask an administrator')
      expect((await owner.get('/sites/runtimes')).body.proxy).to.deep.equal({ anyTarget: false, ports: '' })
      await sites.create({ domain: 'socket.test', runtime: { type: 'proxy', target: 'unix:app.sock' } }, owner)
      expect((await owner.patch('/settings/sites', { proxyPorts: '5432' })).status).to.equal(403)
    })

    it('are refused as a setting by the name of the field', async () => {
      const { status, body } = await sites.admin.patch('/settings/sites', { proxyPorts: '80' })
      expect(status).to.equal(422)
      expect(body.fields[0]).to.include({ path: 'proxyPorts', code: 'sites.ports' })
      expect(body.fields[0].message).to.include('1024')
    })

    it('are those granted, and never the ones that sites answer on', async () => {
      await grant('3000-3999, 1024-65535')
      for (const port of [sites.panel.sites.http, sites.panel.sites.https])
        expect((await refusedPort(owner, 'loop.test', port)).code).to.equal('sites.upstream_port')
      await grant('3000-3999')
      await sites.create({ domain: 'granted.test', runtime: proxy(3000) }, owner)
      expect((await refusedPort(owner, 'other.test', 4000)).code).to.equal('sites.upstream_not_granted')
      expect((await owner.get('/sites/runtimes')).body.proxy.ports).to.equal('3000-3999')
    })

    it('stay with the sites that use them when the grant is narrowed; those sites are flagged', async () => {
      await grant('3000-3999')
      const id = await sites.create({ domain: 'narrowed.test', runtime: proxy(3500) }, owner)
      expect(await shown(id))
        .to.include({ proxyTargetBy: 'owner' })
        .and.not.have.property('notices')
      await grant('8000')
      const notices = [{ code: 'proxy_port', params: { port: 3500 } }]
      expect((await shown(id)).notices).to.deep.equal(notices)
      const listed = (await owner.get('/sites?q=narrowed')).body.items[0]
      expect(listed.notices).to.deep.equal(notices)
      // It keeps running, and everything else about it can be changed.
      const applied = await sites.admin.post('/sites/apply', {})
      await sites.succeeded(applied.body.job.id)
      expect((await sites.visit('narrowed.test')).status).to.equal(502)
      const patched = await owner.patch(`/sites/${id}`, { uploadLimit: '5m', runtime: { ...proxy(3500), timeout: 7 } })
      await sites.succeeded(patched.body.job.id)
      expect((await shown(id)).runtime).to.include({ target: 'http://127.0.0.1:3500', timeout: 7 })
      expect((await owner.patch(`/sites/${id}`, { runtime: proxy(3501) })).status).to.equal(422)
      // An administrator who names the target takes it upon themselves.
      const confirmed = await sites.admin.patch(`/sites/${id}`, { runtime: proxy(3500) })
      await sites.succeeded(confirmed.body.job.id)
      expect(await shown(id))
        .to.include({ proxyTargetBy: 'administrator' })
        .and.not.have.property('notices')
    })

    it('are asked for again when a job is tried again by somebody else, or later', async () => {
      await grant('3000-3999')
      const { body } = await owner.post('/sites', { domain: 'later.test', runtime: proxy(3700) })
      await owner.post(`/jobs/${body.job.id}/cancel`)
      const first = await sites.panel.waitForJob(body.job.id)
      await grant('')
      const retried = await owner.post(`/jobs/${body.job.id}/retry`)
      if (first.state === 'succeeded') return expect(retried.body.code).to.equal('job_not_retryable')
      expect((await sites.failed(body.job.id)).code).to.equal('invalid_input')
      return expect((await owner.get(`/sites/${body.id}`)).status).to.equal(404)
    })
  })
