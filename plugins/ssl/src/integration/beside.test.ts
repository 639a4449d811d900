import { expect } from 'chai'
import { SslPanel } from '../testing/ssl-panel.js'

describe('certificates beside what else there is', function () {
  this.timeout(60_000)
  let ssl: SslPanel
  let root: string
  before(async () => {
    ssl = await SslPanel.start()
    root = await ssl.pebble.root()
  })
  after(() => ssl?.stop())

  it('vouch for the panel where it is published as a site', async () => {
    const name = 'panel.example.test'
    const id = await ssl.site(name, { runtime: 'panel', aliases: [`www.${name}`] })
    expect((await ssl.visit(name, { path: '/healthz' })).text).to.include('ok')
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    for (const host of [name, `www.${name}`]) {
      const seen = await ssl.visit(host, { root, path: '/healthz' })
      expect([seen.status, seen.text.includes('ok')], host).to.deep.equal([200, true])
      expect((await ssl.plain(host)).status, host).to.equal(308)
    }
    await ssl.change('delete', `/ssl/sites/${id}`)
    const own = await ssl.visit(name, { path: '/healthz' })
    expect([own.status, own.certificate.subjectaltname?.includes(name)]).to.deep.equal([200, false])
  })

  it('go on being served while this plugin is switched off, also when the site changes', async () => {
    const name = 'frozen.example.test'
    const id = await ssl.site(name)
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    await ssl.done(ssl.admin.post('/plugins/ssl/disable'), 200)
    try {
      expect((await ssl.admin.get('/ssl')).status).to.equal(404)
      await ssl.change('patch', `/sites/${id}`, { uploadLimit: '7m' })
      expect((await ssl.visit(name, { root })).status).to.equal(200)
      expect((await ssl.plain(name)).status).to.equal(308)
    } finally {
      await ssl.done(ssl.admin.post('/plugins/ssl/enable'), 200)
    }
    await ssl.change('post', `/ssl/sites/${id}/renew`)
    expect((await ssl.visit(name, { root })).status).to.equal(200)
  })

  it('are all written again when every site is applied', async () => {
    const sent = await ssl.done(ssl.admin.post('/sites/apply', {}), 202)
    await ssl.succeeded(sent.body.job.id)
    expect((await ssl.visit('frozen.example.test', { root })).status).to.equal(200)
  })

  it('are as they were after a change of them is taken back', async () => {
    const name = 'back.example.test'
    const id = await ssl.site(name)
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    const before = (await ssl.visit(name, { root })).certificate.fingerprint256
    await ssl.change('post', `/ssl/sites/${id}/renew`)
    const { items } = (await ssl.admin.get('/changes?limit=5')).body
    const newest = items.find((change: { change: string }) => change.change === 'vhost')
    const rollback = await ssl.done(ssl.admin.post(`/changes/${newest.id}/rollback`), 202)
    await ssl.succeeded(rollback.body.job.id)
    expect((await ssl.visit(name, { root })).certificate.fingerprint256).to.equal(before)
  })
})
