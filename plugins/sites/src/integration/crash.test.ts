import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

interface Job {
  readonly state: string
  readonly steps: readonly { readonly name: string; readonly state: string }[]
}

describe('a site whose making is killed', function () {
  this.timeout(120_000)
  let sites: SitesPanel
  before(async () => {
    sites = await SitesPanel.start({ processes: true })
    await sites.create({ domain: 'bystander.test', runtime: 'static' })
  })
  after(() => sites?.stop())

  /** Queues, and comes back as soon as the step has begun (or the job is already past it). */
  async function reaching(step: string, domain: string): Promise<{ jobId: string; id: string }> {
    const { body } = await sites.admin.post('/sites', { domain, runtime: 'php' })
    const jobId = body.job.id as string
    for (;;) {
      const { body: job } = await sites.admin.get<Job>(`/jobs/${jobId}`)
      if (job.steps.find(({ name }) => name === step)?.state !== 'pending') return { jobId, id: body.id }
    }
  }

  async function expectOldOrNew(jobId: string, id: string, domain: string): Promise<void> {
    const job = await sites.panel.waitForJob(jobId, { timeout: 60_000 })
    expect(job.state, JSON.stringify(job)).to.equal('succeeded')
    expect((await sites.admin.get(`/sites/${id}`)).body.state).to.equal('active')
    expect((await sites.visit(domain)).status).to.equal(200)
    expect((await sites.visit('bystander.test')).status).to.equal(200)
    const { body } = await sites.admin.get('/sites?limit=200')
    const tenants = body.items.map((site: { tenant: string }) => site.tenant).sort()
    expect(readdirSync(`${sites.panel.home}/www`).sort()).to.deep.equal(tenants)
    const files = readdirSync(`${sites.panel.home}/etc/nginx/nusantara.d`).sort()
    expect(files).to.deep.equal(tenants.map((tenant: string) => `${tenant}.conf`))
  }

  for (const step of ['claim', 'tenant', 'documentRoot', 'pool', 'vhost']) {
    it(`is finished after the panel was killed in the step ${step}`, async () => {
      const domain = `panel-${step.toLowerCase()}.test`
      const { jobId, id } = await reaching(step, domain)
      await sites.panel.kill()
      await sites.panel.restart()
      await expectOldOrNew(jobId, id, domain)
    })
  }

  for (const step of ['tenant', 'vhost']) {
    it(`is old or new after the broker was killed in the step ${step}`, async () => {
      const domain = `broker-${step}.test`
      const { jobId, id } = await reaching(step, domain)
      await sites.panel.broker?.kill()
      await sites.panel.broker?.restart()
      const job = await sites.panel.waitForJob(jobId, { timeout: 60_000 })
      if (job.state === 'succeeded') return expectOldOrNew(jobId, id, domain)
      expect(job.state, JSON.stringify(job)).to.equal('failed')
      expect((await sites.admin.get(`/sites/${id}`)).status).to.equal(404)
      expect((await sites.visit(domain)).status).to.equal(404)
    })
  }
})
