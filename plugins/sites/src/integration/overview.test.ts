import type { DashboardCard } from '@nusantara/sdk'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

describe('sites on the overview', function () {
  this.timeout(60_000)
  let sites: SitesPanel
  before(async () => {
    sites = await SitesPanel.start()
    for (const domain of ['one.test', 'two.test']) await sites.create({ domain, runtime: 'static' })
  })
  after(() => sites?.stop())

  const card = async (who: 'admin' | 'user') => {
    const { body } = await sites.panel.as(who).get<{ cards: readonly DashboardCard[] }>('/api/v1/overview')
    return body.cards.find(({ href }) => href === '/sites')
  }
  const found = async (who: 'admin' | 'user', q: string) => {
    const { body } = await sites.panel.as(who).get<{ items: readonly { title: string }[] }>(`/api/v1/search?q=${q}`)
    return body.items.map(({ title }) => title)
  }

  it('are counted, the newest first', async () => {
    const { figures, rows } = (await card('admin')) as DashboardCard
    expect(figures?.map(({ value }) => value)).to.deep.equal([2])
    expect(rows?.map(({ text }) => text)).to.deep.equal(['two.test', 'one.test'])
  })

  it('are found by a part of any of their names', async () => {
    expect(await found('admin', 'tw')).to.deep.equal(['two.test'])
    expect(await found('admin', '%25')).to.deep.equal([])
  })

  it('of others stay theirs', async () => {
    const own = (await card('user')) as DashboardCard
    expect([own.figures?.[0]?.value, own.rows, own.action?.href]).to.deep.equal([0, [], '/sites/new'])
    expect(await found('user', 'test')).to.deep.equal([])
  })
})
