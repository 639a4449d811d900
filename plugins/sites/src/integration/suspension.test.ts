import type { TestClient } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { startDatabase, type TestDatabase } from '../testing/database.js'
import { SitesPanel } from '../testing/sites-panel.js'

for (const store of ['SQLite', 'PostgreSQL'] as const)
  describe(`a suspended site on ${store}`, function () {
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

    const suspend = async (id: string, client: TestClient, body?: object) => {
      const answer = await client.post(`/sites/${id}/suspend`, body)
      expect(answer.status, answer.text).to.equal(202)
      await sites.succeeded(answer.body.job.id)
      return answer.body.job.id as string
    }
    const shown = async (id: string) => (await owner.get(`/sites/${id}`)).body

    it('is resumed by its owner when its owner suspended it', async () => {
      const id = await sites.create({ domain: 'own.test', runtime: 'static' }, owner)
      expect(await shown(id))
        .to.include({ suspended: false })
        .and.not.have.property('suspension')
      await suspend(id, owner)
      expect((await shown(id)).suspension).to.have.all.keys('by', 'at')
      expect((await shown(id)).suspension.by).to.equal('owner')
      const answer = await owner.post(`/sites/${id}/resume`)
      await sites.succeeded(answer.body.job.id)
      expect(await shown(id))
        .to.include({ suspended: false })
        .and.not.have.property('suspension')
      expect((await sites.visit('own.test')).status).to.equal(200)
    })

    it('stays so when an administrator suspended it, whatever way its owner tries', async () => {
      const aliases = ['www.abuse.test']
      const id = await sites.create({ domain: 'abuse.test', aliases, runtime: 'static' }, owner)
      await suspend(id, sites.admin, { reason: 'Phishing, ticket 4711' })
      expect((await shown(id)).suspension).to.include({ by: 'administrator', reason: 'Phishing, ticket 4711' })
      const attempts = {
        resume: () => owner.post(`/sites/${id}/resume`),
        'resume, planned': () => owner.post(`/sites/${id}/resume?dry_run=true`),
        delete: () => owner.delete(`/sites/${id}?confirm=abuse.test`),
        'delete, planned': () => owner.delete(`/sites/${id}?dry_run=true`),
        rename: () => owner.patch(`/sites/${id}`, { domain: 'innocent.test' }),
        'rename, planned': () => owner.patch(`/sites/${id}?dry_run=true`, { domain: 'innocent.test' }),
        'give an alias free': () => owner.patch(`/sites/${id}`, { aliases: [] }),
      }
      for (const [title, attempt] of Object.entries(attempts)) {
        const { status, body, text } = await attempt()
        expect([status, body.code], `${title}: ${text}`).to.deep.equal([403, 'sites.suspended_by_administrator'])
        expect(body.params, title).to.include({ domain: 'abuse.test', reason: 'Phishing, ticket 4711' })
        expect(text, title).to.include('Ask an administrator')
      }
      const again = await owner.post('/sites', { domain: 'abuse.test', runtime: 'static' })
      expect([again.status, again.body.code]).to.deep.equal([409, 'sites.name_taken'])
      expect((await owner.post(`/sites/${id}/suspend`)).body.code).to.equal('sites.already')
      expect((await shown(id)).suspension.by).to.equal('administrator')
      // What takes nothing back is allowed: getting ready to go on.
      const tidied = await owner.patch(`/sites/${id}`, { uploadLimit: '3m', aliases: [...aliases, 'new.abuse.test'] })
      await sites.succeeded(tidied.body.job.id)
      for (const host of ['abuse.test', 'www.abuse.test', 'new.abuse.test'])
        expect((await sites.visit(host)).status, host).to.equal(503)

      const resumed = await sites.admin.post(`/sites/${id}/resume`)
      await sites.succeeded(resumed.body.job.id)
      expect((await sites.visit('abuse.test')).status).to.equal(200)
      const removed = await owner.delete(`/sites/${id}?confirm=abuse.test`)
      await sites.succeeded(removed.body.job.id)
    })

    it('is held by an administrator once they suspend what its owner had suspended', async () => {
      const id = await sites.create({ domain: 'raised.test', runtime: 'static' }, owner)
      await suspend(id, owner)
      await suspend(id, sites.admin)
      expect((await shown(id)).suspension.by).to.equal('administrator')
      expect((await owner.post(`/sites/${id}/resume`)).status).to.equal(403)
      expect((await sites.admin.post(`/sites/${id}/suspend`)).body.code).to.equal('sites.already')
    })

    it('is not resumed by trying an older job of its owner again, nor by calling off the administrator', async () => {
      const id = await sites.create({ domain: 'retried.test', runtime: 'static' }, owner)
      await suspend(id, owner)
      const resume = await owner.post(`/sites/${id}/resume`)
      await owner.post(`/jobs/${resume.body.job.id}/cancel`)
      const first = await sites.panel.waitForJob(resume.body.job.id)
      if (first.state === 'succeeded') await suspend(id, owner)
      const suspending = await sites.admin.post(`/sites/${id}/suspend`)
      const cancelled = await owner.post(`/jobs/${suspending.body.job.id}/cancel`)
      expect(cancelled.body.code).to.equal('job_of_administrator')
      await sites.succeeded(suspending.body.job.id)
      const retried = await owner.post(`/jobs/${resume.body.job.id}/retry`)
      if (first.state === 'succeeded') expect(retried.body.code).to.equal('job_not_retryable')
      else expect((await sites.failed(resume.body.job.id)).code).to.equal('sites.suspended_by_administrator')
      expect(await shown(id)).to.include({ suspended: true })
    })
  })
