import { expect } from 'chai'
import { SslPanel } from '../testing/ssl-panel.js'

describe('creating a site with a certificate', function () {
  this.timeout(60_000)
  let ssl: SslPanel
  before(async () => {
    ssl = await SslPanel.start()
  })
  after(() => ssl?.stop())

  const create = async (domain: string, ssl_: object) =>
    (await ssl.done(ssl.admin.post('/sites', { domain, runtime: 'static', extensions: { ssl: ssl_ } }), 202)).body

  it('says in its plan who will be asked, and orders once the site answers', async () => {
    const body = { domain: 'new.example.test', runtime: 'static', extensions: { ssl: { issue: true } } }
    const plan = await ssl.admin.post('/sites?dry_run=true', body)
    expect(plan.status, plan.text).to.equal(200)
    expect(plan.text).to.include('Pebble')
    const { id, job } = await create('new.example.test', { issue: true })
    await ssl.succeeded(job.id)
    await ssl.settled(id)
    const root = await ssl.pebble.root()
    expect((await ssl.visit('new.example.test', { root })).status).to.equal(200)
  })

  it('keeps the site when the authority refuses, and says why', async () => {
    await ssl.pebble.resolve('away.example.test', '127.0.0.77')
    const { id, job } = await create('away.example.test', { issue: true })
    await ssl.succeeded(job.id)
    await ssl.settled(id)
    expect((await ssl.plain('away.example.test')).status).to.equal(200)
    expect((await ssl.standing(id)).failure?.code).to.equal('ssl.challenge_failed')
  })

  it('asks nobody when it is not wanted', async () => {
    const { id, job } = await create('without.example.test', { issue: false })
    await ssl.succeeded(job.id)
    expect(await ssl.standing(id)).to.include({ order: null, job: null, certificate: null })
  })
})
