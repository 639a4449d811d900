import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'chai'
import { BrokerFaults } from '../testing/broker-faults.js'
import { startDatabase, type TestDatabase } from '../testing/database.js'
import { SitesPanel } from '../testing/sites-panel.js'

for (const store of ['SQLite', 'PostgreSQL'] as const)
  describe(`a site whose job ended in doubt, on ${store}`, function () {
    this.timeout(60_000)
    let database: TestDatabase | undefined
    let sites: SitesPanel
    let faults: BrokerFaults
    before(async () => {
      if (store === 'PostgreSQL') database = await startDatabase()
      sites = await SitesPanel.start({ databaseUrl: database?.url })
      faults = await BrokerFaults.of(sites.panel)
      await sites.create({ domain: 'bystander.test', runtime: 'static' })
    })
    afterEach(async () => {
      faults.mend()
      expect((await sites.visit('bystander.test')).status).to.equal(200)
    })
    after(async () => {
      await sites?.stop()
      await database?.stop()
    })

    const ended = async (jobId: string, state: string) => {
      const job = await sites.panel.waitForJob(jobId)
      expect(job.state, JSON.stringify(job)).to.equal(state)
    }
    const control = async (jobId: string, verb: 'retry' | 'cancel', state: string) => {
      const answer = await sites.admin.post(`/jobs/${jobId}/${verb}`)
      expect(answer.status, answer.text).to.equal(202)
      await ended(jobId, state)
    }
    const remove = async (id: string, domain: string) => {
      const answer = await sites.admin.delete(`/sites/${id}?confirm=${domain}`)
      expect(answer.status, answer.text).to.equal(202)
      return answer.body.job.id as string
    }
    const stateOf = async (id: string) => (await sites.admin.get(`/sites/${id}`)).body.state as string | undefined
    const nothingLeftOf = async (id: string, tenant: string, domain: string) => {
      expect((await sites.admin.get(`/sites/${id}`)).status).to.equal(404)
      expect(readdirSync(`${sites.panel.home}/www`)).to.not.include(tenant)
      expect(existsSync(`${sites.panel.home}/etc/nginx/nusantara.d/${tenant}.conf`)).to.equal(false)
      expect((await sites.visit(domain)).status).to.equal(404)
      const again = await sites.admin.post('/sites?dry_run=true', { domain, runtime: 'static' })
      expect(again.status, again.text).to.equal(200)
    }

    /** A deletion that took the site off the web server, failed, and could not put it back. */
    async function halfDeleted(domain: string) {
      const id = await sites.create({ domain, runtime: 'php' })
      const { tenant } = (await sites.admin.get(`/sites/${id}`)).body
      faults.loseAndBreak('change.apply')
      const jobId = await remove(id, domain)
      await ended(jobId, 'unknown')
      expect(await stateOf(id)).to.equal('deleting')
      expect((await sites.admin.get(`/sites/${id}`)).body.job).to.equal(jobId)
      return { id, tenant: tenant as string, domain, jobId }
    }

    /** A creation that published the site, failed, and could not take it back. */
    async function halfCreated(domain: string) {
      const { body } = await sites.admin.post('/sites', { domain, runtime: 'static' })
      faults.loseAndBreak('change.apply')
      await ended(body.job.id, 'unknown')
      expect(await stateOf(body.id)).to.equal('pending')
      const { tenant } = (await sites.admin.get(`/sites/${body.id}`)).body
      return { id: body.id as string, tenant: tenant as string, domain, jobId: body.job.id as string }
    }

    it('goes when its deletion is tried again', async () => {
      const { id, tenant, domain, jobId } = await halfDeleted('again.test')
      const patched = await sites.admin.patch(`/sites/${id}`, { uploadLimit: '3m' })
      expect([patched.status, patched.body.code]).to.deep.equal([409, 'sites.being_deleted'])
      expect(patched.body.params).to.include({ domain, job: jobId })
      faults.mend()
      await control(jobId, 'retry', 'succeeded')
      await nothingLeftOf(id, tenant, domain)
    })

    it('goes when it is deleted once more, and the first deletion then has nothing left to do', async () => {
      for (const verb of ['retry', 'cancel'] as const) {
        const { id, tenant, domain, jobId } = await halfDeleted(`more-${verb}.test`)
        faults.mend()
        await ended(await remove(id, domain), 'succeeded')
        await nothingLeftOf(id, tenant, domain)
        await control(jobId, verb, verb === 'retry' ? 'succeeded' : 'cancelled')
        await nothingLeftOf(id, tenant, domain)
      }
    })

    it('is back when its deletion is cancelled, even if trying again failed before', async () => {
      const { id, domain, jobId } = await halfDeleted('back.test')
      faults.lose('change.apply')
      await control(jobId, 'retry', 'unknown')
      expect(await stateOf(id)).to.equal('deleting')
      faults.mend()
      await control(jobId, 'cancel', 'cancelled')
      expect(await stateOf(id)).to.equal('active')
      expect((await sites.visit(domain)).status).to.equal(200)
      await sites.update(id, { uploadLimit: '3m' })
    })

    it('is left to be deleted when its tenant is gone, whatever becomes of the job', async () => {
      const id = await sites.create({ domain: 'hollow.test', runtime: 'static' })
      const { tenant } = (await sites.admin.get(`/sites/${id}`)).body
      faults.lose('tenant.remove')
      await ended(await remove(id, 'hollow.test'), 'failed')
      expect(await stateOf(id)).to.equal('deleting')
      const patched = await sites.admin.patch(`/sites/${id}`, { uploadLimit: '3m' })
      expect(patched.body.code).to.equal('sites.being_deleted')
      await ended(await remove(id, 'hollow.test'), 'succeeded')
      await nothingLeftOf(id, tenant, 'hollow.test')
    })

    /** A change that gave the site another name, failed, and could not be taken back. */
    async function halfChanged(domain: string) {
      const id = await sites.create({ domain, runtime: 'static' })
      faults.loseAndBreak('change.apply')
      const { body } = await sites.admin.patch(`/sites/${id}`, { aliases: [`www.${domain}`] })
      await ended(body.job.id, 'unknown')
      expect(await stateOf(id)).to.equal('active')
      faults.mend()
      return { id, domain, jobId: body.job.id as string }
    }
    const served = async (domain: string) => [
      (await sites.visit(domain)).status,
      (await sites.visit(`www.${domain}`)).status,
    ]

    it('is as it was, or as it was asked for, when its change is cancelled or tried again', async () => {
      for (const verb of ['cancel', 'retry'] as const) {
        const { id, domain, jobId } = await halfChanged(`change-${verb}.test`)
        await control(jobId, verb, verb === 'cancel' ? 'cancelled' : 'succeeded')
        expect(await served(domain)).to.deep.equal(verb === 'cancel' ? [200, 404] : [200, 200])
        const { body } = await sites.admin.get(`/sites/${id}`)
        expect(body.aliases).to.deep.equal(verb === 'cancel' ? [] : [`www.${domain}`])
      }
    })

    it('loses neither change when another one was made meanwhile', async () => {
      const { id, domain, jobId } = await halfChanged('meanwhile.test')
      await sites.update(id, { uploadLimit: '5m' })
      expect(await served(domain)).to.deep.equal([200, 404])
      await control(jobId, 'retry', 'succeeded')
      expect(await served(domain)).to.deep.equal([200, 200])
      const { body } = await sites.admin.get(`/sites/${id}`)
      expect(body).to.deep.include({ aliases: [`www.${domain}`], uploadLimit: '5m' })
    })

    it('keeps the change that was made meanwhile when the one in doubt is cancelled', async () => {
      const { id, domain, jobId } = await halfChanged('called-off.test')
      await sites.update(id, { uploadLimit: '5m' })
      await control(jobId, 'cancel', 'cancelled')
      expect(await served(domain)).to.deep.equal([200, 404])
      const { body } = await sites.admin.get(`/sites/${id}`)
      expect(body).to.deep.include({ aliases: [], uploadLimit: '5m' })
      await sites.create({ domain: `www.${domain}`, runtime: 'static' })
    })

    it('can be deleted, and its change then called off or refused', async () => {
      for (const verb of ['cancel', 'retry'] as const) {
        const { id, domain, jobId } = await halfChanged(`over-${verb}.test`)
        const { tenant } = (await sites.admin.get(`/sites/${id}`)).body
        await ended(await remove(id, domain), 'succeeded')
        await control(jobId, verb, verb === 'cancel' ? 'cancelled' : 'failed')
        await nothingLeftOf(id, tenant, domain)
      }
    })

    it('is finished when its creation is tried again', async () => {
      const { id, domain, jobId } = await halfCreated('finish.test')
      const patched = await sites.admin.patch(`/sites/${id}`, { uploadLimit: '3m' })
      expect([patched.status, patched.body.code]).to.deep.equal([409, 'sites.not_created'])
      faults.mend()
      await control(jobId, 'retry', 'succeeded')
      expect(await stateOf(id)).to.equal('active')
      expect((await sites.visit(domain)).status).to.equal(200)
    })

    it('leaves nothing when its creation is cancelled', async () => {
      const { id, tenant, domain, jobId } = await halfCreated('withdrawn.test')
      faults.mend()
      await control(jobId, 'cancel', 'cancelled')
      await nothingLeftOf(id, tenant, domain)
    })

    it('leaves nothing when it is deleted half made, nor when its creation is tried again after that', async () => {
      for (const verb of ['retry', 'cancel'] as const) {
        const { id, tenant, domain, jobId } = await halfCreated(`half-${verb}.test`)
        faults.mend()
        await ended(await remove(id, domain), 'succeeded')
        await nothingLeftOf(id, tenant, domain)
        await control(jobId, verb, verb === 'retry' ? 'failed' : 'cancelled')
        await nothingLeftOf(id, tenant, domain)
      }
    })

    it('stays half made when the deletion of it is cancelled', async () => {
      const { id, domain, tenant, jobId } = await halfCreated('undecided.test')
      faults.mend()
      faults.lose('change.apply')
      await ended(await remove(id, domain), 'failed')
      expect(await stateOf(id)).to.equal('pending')
      await control(jobId, 'cancel', 'cancelled')
      await nothingLeftOf(id, tenant, domain)
    })
  })
