import { existsSync, readFileSync, statSync } from 'node:fs'
import { copyFile, rename, rm, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { createTestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { startDatabase, type TestDatabase } from '../testing/database.js'
import { PanelBrowser } from '../testing/panel-browser.js'
import { SitesPanel } from '../testing/sites-panel.js'

const name = 'panel.example.test'

for (const store of ['SQLite', 'PostgreSQL'] as const)
  describe(`the panel published as a site, on ${store}`, function () {
    this.timeout(60_000)
    let database: TestDatabase | undefined
    let sites: SitesPanel
    let id: string
    before(async () => {
      if (store === 'PostgreSQL') database = await startDatabase()
      sites = await SitesPanel.start({ databaseUrl: database?.url })
      id = await sites.create({ domain: name, aliases: [`www.${name}`], runtime: 'panel' })
    })
    after(async () => {
      await sites?.stop()
      await database?.stop()
    })

    const browser = (host = name, address?: string) => new PanelBrowser(host, sites.panel.sites.https, address)
    const tenant = async () => (await sites.admin.get<{ tenant: string }>(`/sites/${id}`)).body.tenant
    const certificate = async () => `${sites.panel.home}/etc/nginx/nusantara.d/${await tenant()}.pem`

    it('is sent from plain HTTP to its own port, under each of its names and no other', async () => {
      const { status, headers } = await sites.visit(`www.${name}`, { path: '/sites?q=1' })
      expect([status, headers.location]).to.deep.equal([308, `${browser(`www.${name}`).origin}/sites?q=1`])
      for (const host of [name, `www.${name}`])
        expect((await browser(host).ask('GET', '/healthz')).text, host).to.equal('ok\n')
      const other = await browser('other.example.test').ask('GET', '/healthz')
      expect(other.status, 'a name that the panel was not given').to.equal(404)
      expect(other.headers['strict-transport-security']).to.equal(undefined)
    })

    it('signs people in there, takes their changes, and knows where they came from', async () => {
      const admin = browser(name, '127.0.0.9')
      expect(await admin.signIn(sites.panel.people.admin)).to.equal(200)
      const signedIn = (await sites.admin.get('/audit?limit=5')).body.items.find(
        (entry: { action: string }) => entry.action === 'auth.login',
      )
      expect(JSON.stringify(signedIn), 'the address of the visitor, not of the web server').to.include('127.0.0.9')
      const change = { proxyPorts: '4100' }
      const foreign = { Origin: 'https://evil.example.test' }
      expect((await admin.ask('PATCH', '/api/v1/settings/sites', change, foreign)).json.code).to.equal('origin_refused')
      const without = { 'X-CSRF-Token': '' }
      expect((await admin.ask('PATCH', '/api/v1/settings/sites', change, without)).json.code).to.equal('csrf_refused')
      const forged = { 'X-Forwarded-For': '203.0.113.5' }
      expect((await admin.ask('PATCH', '/api/v1/settings/sites', change, forged)).status).to.equal(200)
      const [entry] = (await sites.admin.get('/audit?limit=1')).body.items
      expect(entry.action).to.equal('settings.sites.update')
      expect(JSON.stringify(entry)).to.include('127.0.0.9').and.not.include('203.0.113.5')
    })

    it('gives nobody more than the panel’s own port does', async () => {
      const stranger = browser()
      expect((await stranger.ask('GET', '/api/v1/sites')).status).to.equal(401)
      expect((await stranger.ask('POST', '/api/v1/sites', { domain: 'x.test', runtime: 'static' })).status).to.equal(
        401,
      )
    })

    it('streams what happens as it happens', async () => {
      const admin = browser()
      await admin.signIn(sites.panel.people.admin)
      const stream = await admin.open('GET', `/api/v1/events?topics=resource:site:${id}`)
      expect(stream.statusCode).to.equal(200)
      let heard = ''
      const until = (word: string) =>
        new Promise<void>(resolve => {
          const look = () => {
            if (!heard.includes(word)) return
            stream.off('data', look)
            resolve()
          }
          stream.on('data', look)
          look()
        })
      stream.setEncoding('utf8').on('data', chunk => {
        heard += chunk
      })
      await until('event: ready')
      await sites.update(id, { uploadLimit: '20m' })
      await until(`event: resource:site:${id}`)
      stream.destroy()
    })

    it('is administrators’ alone', async () => {
      const owner = sites.panel.as('user')
      const refused = await owner.post('/sites', { domain: 'mine.example.test', runtime: 'panel' })
      expect([refused.status, refused.body.fields?.[0]]).to.deep.include(422)
      expect(refused.body.fields[0]).to.include({ path: 'runtime.type', code: 'sites.runtime_panel' })
      expect((await owner.get('/sites/runtimes')).body.panel).to.equal(false)
      expect((await sites.admin.get('/sites/runtimes')).body.panel).to.equal(true)
      // In the account of somebody else it stays the administrators'.
      const { items } = (await sites.admin.get('/accounts')).body
      const accountId = items.find((account: { name: string }) => account.name === 'budi').id
      const body = { domain: 'second.example.test', runtime: 'panel' as const, accountId }
      const second = await sites.create(body)
      const attempts = {
        change: () => owner.patch(`/sites/${second}`, { uploadLimit: '1m' }),
        'change of what it serves': () => owner.patch(`/sites/${second}?dry_run=true`, { runtime: 'static' }),
        suspend: () => owner.post(`/sites/${second}/suspend`),
        delete: () => owner.delete(`/sites/${second}?confirm=second.example.test`),
        'delete, planned': () => owner.delete(`/sites/${second}?dry_run=true`),
      }
      for (const [what, attempt] of Object.entries(attempts)) {
        const answer = await attempt()
        expect([answer.status, answer.body.code], what).to.deep.equal([403, 'sites.panel_of_administrators'])
      }
      const removed = await sites.admin.delete(`/sites/${second}?confirm=second.example.test`)
      await sites.succeeded(removed.body.job.id)
      expect((await browser('second.example.test').ask('GET', '/healthz')).status).to.equal(404)
    })

    it('brings its certificate as a file of the web server’s own, of which plans show nothing', async () => {
      const file = await certificate()
      expect(statSync(file).mode & 0o777).to.equal(0o600)
      const text = readFileSync(file, 'utf8')
      expect(text)
        .to.include('BEGIN PRIVATE KEY')
        .and.include(readFileSync(`${sites.panel.home}/tls-cert.pem`, 'utf8'))
      const plan = await sites.admin.post('/sites?dry_run=true', { domain: 'third.example.test', runtime: 'panel' })
      expect(plan.status, plan.text).to.equal(200)
      const key = text.split('PRIVATE KEY-----\n')[1]?.slice(0, 40) as string
      expect(plan.text).to.include('.pem').and.not.include(key)
    })

    it('keeps answering whatever becomes of the panel’s own files', async () => {
      const own = `${sites.panel.home}/tls-key.pem`
      await rename(own, `${own}.kept`)
      await writeFile(own, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')
      await sites.create({ domain: 'unmoved.example.test', runtime: 'static' })
      const refused = await sites.admin.patch(`/sites/${id}`, { uploadLimit: '21m' })
      expect((await sites.failed(refused.body.job.id)).code).to.equal('check_failed')
      expect((await browser().ask('GET', '/healthz')).status).to.equal(200)
      await rm(own)
      await rename(`${own}.kept`, own)
      await sites.update(id, { uploadLimit: '22m' })
    })

    if (store === 'SQLite')
      it('shows the certificate that the panel has by now, a day later at the latest', async () => {
        const { home } = sites.panel
        const files = ['tls-cert.pem', 'tls-key.pem']
        const other = await createTestPanel({ broker: false })
        for (const file of files) {
          await rename(`${home}/${file}`, `${home}/${file}.kept`)
          await copyFile(`${other.home}/${file}`, `${home}/${file}`)
        }
        await other.stop()
        await sites.update(id, { uploadLimit: '23m' })
        for (const file of files) await rename(`${home}/${file}.kept`, `${home}/${file}`)
        const shown = readFileSync(`${home}/tls-cert.pem`, 'utf8')
        const file = await certificate()
        expect(readFileSync(file, 'utf8')).to.not.include(shown)
        const state = new DatabaseSync(`${home}/panel.sqlite`)
        state.exec("update schedules set settled_until = '2026-01-01T00:00:00.000Z' where owner = 'sites'")
        state.close()
        await sites.panel.restart()
        while (!readFileSync(file, 'utf8').includes(shown)) await delay(50)
      })

    it('is suspended and resumed like any site, and its name stays taken', async () => {
      const suspended = await sites.admin.post(`/sites/${id}/suspend`)
      await sites.succeeded(suspended.body.job.id)
      expect((await browser().ask('GET', '/')).status).to.equal(503)
      expect((await sites.admin.get('/auth/session')).status, 'its own port goes on').to.equal(200)
      const taken = await sites.panel.as('user').post('/sites', { domain: name, runtime: 'static' })
      expect(taken.status).to.equal(409)
      const resumed = await sites.admin.post(`/sites/${id}/resume`)
      await sites.succeeded(resumed.body.job.id)
      expect((await browser().ask('GET', '/healthz')).status).to.equal(200)
    })

    it('becomes another site and the panel again, and leaves nothing when it goes', async () => {
      const file = await certificate()
      await sites.update(id, { runtime: 'static' })
      expect(existsSync(file)).to.equal(false)
      expect((await sites.visit(name)).status).to.equal(200)
      await sites.update(id, { runtime: 'panel' })
      expect((await browser().ask('GET', '/healthz')).status).to.equal(200)
      const removed = await sites.admin.delete(`/sites/${id}?confirm=${name}`)
      await sites.succeeded(removed.body.job.id)
      expect(existsSync(file)).to.equal(false)
      await browser()
        .ask('GET', '/healthz')
        .then(
          () => expect.fail('nobody listens there any more'),
          (error: NodeJS.ErrnoException) => expect(error.code).to.equal('ECONNREFUSED'),
        )
    })
  })
