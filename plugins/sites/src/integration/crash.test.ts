import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

interface Job {
  readonly state: string
  readonly steps: readonly { readonly name: string; readonly state: string }[]
}

/** Polls without a pause: the state waited for may last for a moment only. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await condition())) if (Date.now() > deadline) throw new Error('the condition did not come true in time')
}

describe('a site whose making or removal is killed', function () {
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
    await begun(jobId, step)
    return { jobId, id: body.id }
  }

  function begun(jobId: string, step: string): Promise<void> {
    return until(async () => {
      const { body } = await sites.admin.get<Job>(`/jobs/${jobId}`)
      return body.steps.find(({ name }) => name === step)?.state !== 'pending'
    })
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

  it('is served again when its deletion was called off, and the panel killed, before its tenant was removed', async () => {
    const { jobId: made, id } = await reaching('claim', 'spared.test')
    await expectOldOrNew(made, id, 'spared.test')
    const broker = sites.panel.broker?.pid as number
    // The deletion waits for the broker in its first step for as long as the broker stands still.
    process.kill(broker, 'SIGSTOP')
    try {
      const { body } = await sites.admin.delete(`/sites/${id}?confirm=spared.test`)
      const jobId = body.job.id as string
      await until(async () => (await sites.admin.get<Job>(`/jobs/${jobId}`)).body.state === 'running')
      expect((await sites.admin.get(`/sites/${id}`)).body).to.include({ state: 'deleting', job: jobId })
      const twice = await sites.admin.delete(`/sites/${id}?confirm=spared.test`)
      expect([twice.status, twice.body.code, twice.body.params.job]).to.deep.equal([409, 'sites.being_deleted', jobId])
      expect((await sites.admin.post(`/jobs/${jobId}/cancel`)).status).to.equal(202)
      await sites.panel.kill()
      process.kill(broker, 'SIGCONT')
      await sites.panel.restart()
      expect((await sites.panel.waitForJob(jobId, { timeout: 60_000 })).state).to.equal('cancelled')
    } finally {
      process.kill(broker, 'SIGCONT')
    }
    expect((await sites.admin.get(`/sites/${id}`)).body.state).to.equal('active')
    expect((await sites.visit('spared.test')).status).to.equal(200)
    await sites.update(id, { uploadLimit: '3m' })
  })

  for (const step of ['vhost', 'pool', 'tenant']) {
    it(`is gone after the panel was killed twice in the step ${step} of its deletion`, async () => {
      const domain = `gone-${step}.test`
      const { jobId: made, id } = await reaching('claim', domain)
      await expectOldOrNew(made, id, domain)
      const { body } = await sites.admin.delete(`/sites/${id}?confirm=${domain}`)
      const jobId = body.job.id as string
      await begun(jobId, step)
      await sites.panel.kill()
      await sites.panel.restart()
      await sites.panel.kill()
      await sites.panel.restart()
      const job = await sites.panel.waitForJob(jobId, { timeout: 60_000 })
      expect(job.state, JSON.stringify(job)).to.equal('succeeded')
      expect((await sites.admin.get(`/sites/${id}`)).status).to.equal(404)
      expect((await sites.visit(domain)).status).to.equal(404)
      expect((await sites.visit('bystander.test')).status).to.equal(200)
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
