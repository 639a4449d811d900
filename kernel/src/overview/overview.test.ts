import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { writePlugin } from '../plugins/plugin-fixtures.js'
import { createTestPanel } from '../testing/test-panel.js'
import type { Found, Overview } from './overview.js'

type Who = Parameters<TestPanel['as']>[0]

const tap = (card: string, results: string) => `
  ctx.hooks.tap(sdk.kernelHooks.dashboard.cards, ${card})
  ctx.hooks.tap(sdk.kernelHooks.search.results, ${results})`

describe('the overview', function () {
  this.timeout(60_000)
  let directory: string
  let panel: TestPanel
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-overview-'))
    const ids = {
      well: tap(
        `({ actor }) => actor.admin ? { title: { code: 'well.title' }, icon: 'globe', href: '/well', secret: 1,
           figures: Array.from({ length: 9 }, (_, value) => ({ label: { code: 'well.one' }, value })),
           rows: [{ text: '<b>plain</b>', href: '/well/1', tone: 'warning' }] } : null`,
        `({ actor }, q) => [{ title: q + ' of ' + actor.name, href: '/well/1', kind: { code: 'well.kind' }, score: 1 }]`,
      ),
      broken: tap(`() => { throw new Error('no') }`, `() => { throw new Error('no') }`),
      hanging: tap(`() => new Promise(() => {})`, `() => new Promise(() => {})`),
    }
    const plugins = Object.entries(ids).map(([id, start]) => writePlugin(directory, { id, start }))
    panel = await createTestPanel({ plugins: await Promise.all(plugins) })
  })
  after(async () => {
    await panel?.stop()
    await rm(directory, { recursive: true })
  })

  const overview = async (who: Who) => (await panel.as(who).get<Overview>('/api/v1/overview')).body
  const search = (who: Who, q: string) =>
    panel.as(who).get<{ items: readonly Found[] }>(`/api/v1/search?q=${encodeURIComponent(q)}`)

  it('has the server and a card of each plugin that answers, in what the contract names', async () => {
    const { server, cards, unread } = await overview('admin')
    expect(server?.processors).to.be.at.least(1)
    expect(unread).to.equal(0)
    expect(cards.map(({ plugin }) => plugin)).to.deep.equal(['well'])
    expect(cards[0]).to.have.keys('plugin', 'title', 'icon', 'href', 'figures', 'rows')
    expect(cards[0]?.figures).to.have.length(4)
    expect(cards[0]?.rows?.[0]?.text).to.equal('<b>plain</b>')
  })

  it('shows each reader their own: others have neither the server nor what a plugin keeps from them', async () => {
    expect(await overview('user')).to.deep.equal({ unread: 0, cards: [] })
    expect((await panel.as('nobody').get('/api/v1/overview')).status).to.equal(401)
  })

  it('goes on without the broker', async () => {
    await panel.broker?.kill()
    expect(await overview('admin')).to.not.have.property('server')
    await panel.broker?.restart()
  })

  it('is searched as who asks, whatever one plugin does', async () => {
    const { items } = (await search('user', 'batik')).body
    expect(items).to.have.length(1)
    expect(items[0]).to.include({ plugin: 'well', href: '/well/1' }).and.not.have.property('score')
    expect(items[0]?.title).to.match(/^batik of /)
  })

  it('refuses a search for nothing, for too much, and by nobody', async () => {
    expect((await search('user', ' ')).status).to.equal(422)
    expect((await search('user', 'x'.repeat(101))).status).to.equal(422)
    expect((await search('nobody', 'x')).status).to.equal(401)
  })
})
