import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

describe('publishing sites', function () {
  this.timeout(60_000)
  let sites: SitesPanel
  before(async () => {
    sites = await SitesPanel.start()
  })
  after(() => sites?.stop())

  it("answers a new static site on IPv4 and IPv6 with a first page in its maker's language", async () => {
    await sites.create({ domain: 'one.test', runtime: 'static', aliases: ['www.one.test', '*.one.test'] })
    for (const family of [4, 6] as const)
      for (const host of ['one.test', 'www.one.test', 'anything.one.test']) {
        const answer = await sites.visit(host, { family })
        expect(answer.status, `${host} over IPv${family}`).to.equal(200)
        expect(answer.text).to.include('<h1>one.test is ready</h1>')
        expect(answer.headers.server).to.equal('nginx')
      }
  })

  it('answers unknown hosts with 404', async () => {
    for (const family of [4, 6] as const) expect((await sites.visit('unknown.test', { family })).status).to.equal(404)
  })
})
