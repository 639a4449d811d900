import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

describe('the plan of a site', function () {
  this.timeout(60_000)
  let sites: SitesPanel
  before(async () => {
    sites = await SitesPanel.start()
  })
  after(() => sites?.stop())

  const stepsOf = (plan: { steps: readonly { name: string }[] }) => plan.steps.map(({ name }) => name)

  it('names what is done and leaves out what is not', async () => {
    const plan = async (runtime: unknown) => {
      const { status, body, text } = await sites.admin.post('/sites?dry_run=true', { domain: 'planned.test', runtime })
      expect(status, text).to.equal(200)
      return stepsOf(body)
    }
    expect(await plan('php')).to.deep.equal(['claim', 'base', 'tenant', 'documentRoot', 'pool', 'vhost'])
    await sites.create({ domain: 'first.test', runtime: 'static' })
    expect(await plan('static')).to.deep.equal(['claim', 'tenant', 'documentRoot', 'vhost'])
    expect(await plan({ type: 'redirect', target: 'https://x.test' })).to.deep.equal(['claim', 'tenant', 'vhost'])
  })

  it('of a change is empty when everything is so already, and can be applied', async () => {
    const id = await sites.create({ domain: 'same.test', runtime: 'php' })
    const plan = async (body: unknown) => (await sites.admin.patch(`/sites/${id}?dry_run=true`, body)).body
    const empty = await plan({ uploadLimit: '16m' })
    expect(empty).to.deep.include({ steps: [], files: [], operations: [], services: [] })
    const applied = await sites.admin.patch(`/sites/${id}`, { uploadLimit: '16m' }, { 'plan-hash': empty.hash })
    await sites.succeeded(applied.body.job.id)
    expect(stepsOf(await plan({ uploadLimit: '17m' }))).to.deep.equal(['pool', 'vhost'])
    expect(stepsOf(await plan({ aliases: ['www.same.test'] }))).to.deep.equal(['vhost'])
    expect(stepsOf(await plan({ runtime: 'static' }))).to.deep.equal(['vhost', 'retirePool'])
    expect(stepsOf((await sites.admin.delete(`/sites/${id}?dry_run=true`)).body)).to.deep.equal([
      'vhost',
      'pool',
      'tenant',
    ])
  })
})
