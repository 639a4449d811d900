import { setSession, setShellInfo, shellInfo } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import '../index.js'
import { exampleSite } from '../../testing/example-site.js'

/** A plugin's module whose element says which row it stands in. */
const bundle = URL.createObjectURL(
  new Blob(
    [
      `globalThis.rowActionLoads = (globalThis.rowActionLoads ?? 0) + 1
      customElements.define('nusa-neighbour-action', class extends HTMLElement {
        connectedCallback() { this.textContent = 'Scan ' + this.siteId }
      })`,
    ],
    { type: 'text/javascript' },
  ),
)

const sites = [exampleSite({ id: 'one', unicodeDomain: 'one.test' }), exampleSite({ id: 'two', state: 'deleting' })]

describe('the list of sites', () => {
  let panel: ReturnType<typeof playPanel>
  before(() => useMessages({ shell: { 'slot.broken': 'Not available' } }))
  beforeEach(() => {
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: '' })
    panel = playPanel(({ path }) =>
      path.includes('/runtimes')
        ? { body: { ports: { http: 80, https: 443 } } }
        : { body: { items: sites, total: sites.length } },
    )
  })
  afterEach(() => {
    for (const element of document.querySelectorAll('nusa-sites')) element.remove()
    setShellInfo({ ...shellInfo(), slots: {}, bundles: {} })
    panel.restore()
  })

  const rows = (list: HTMLElement) => [
    ...(list.shadowRoot?.querySelector('nusa-table')?.shadowRoot?.querySelectorAll('tbody tr') ?? []),
  ]
  const actions = (row: Element | undefined) =>
    row?.querySelector('nusa-slot')?.shadowRoot?.querySelector('nusa-contribution')?.shadowRoot?.textContent?.trim()

  it('has a row action of a plugin in each row, with its site, loaded once', async () => {
    const list = await fixture<HTMLElement>(html`<nusa-sites></nusa-sites>`)
    await until('the rows', () => rows(list).length === 2)
    expect(list.shadowRoot?.querySelector('nusa-table')?.shadowRoot?.querySelector('nusa-slot')).to.equal(null)
    setShellInfo({
      ...shellInfo(),
      slots: { 'sites.rowActions': [{ plugin: 'neighbour', element: 'nusa-neighbour-action' }] },
      bundles: { neighbour: bundle },
    })
    await until('the actions', () => actions(rows(list)[0]) === 'Scan one' && actions(rows(list)[1]) === 'Scan two')
    expect((globalThis as { rowActionLoads?: number }).rowActionLoads).to.equal(1)
  })

  it('goes on when a plugin’s action does not come', async () => {
    setShellInfo({
      ...shellInfo(),
      slots: { 'sites.rowActions': [{ plugin: 'gone', element: 'nusa-gone-action' }] },
      bundles: {},
    })
    const list = await fixture<HTMLElement>(html`<nusa-sites></nusa-sites>`)
    await until('the refusal', () => actions(rows(list)[0])?.includes('Not available'))
    expect(rows(list)[0]?.textContent).to.contain('one.test')
  })

  it('leads to a site only where one answers', async () => {
    const list = await fixture<HTMLElement>(html`<nusa-sites></nusa-sites>`)
    const links = await until('the links', () => {
      const found = rows(list).map(row => row.querySelector('nusa-button')?.getAttribute('href') ?? null)
      return found[0] && found
    })
    expect(links).to.deep.equal(['http://example.test/', null])
  })
})
