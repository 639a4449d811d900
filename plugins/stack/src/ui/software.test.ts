import { setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import type { Component } from '../api.js'
import './software.js'

const available: Component = {
  id: 'php8.2-fpm',
  kind: 'php',
  state: 'available',
  candidate: '8.2.1',
  installable: true,
}
const components: readonly Component[] = [
  {
    id: 'nginx',
    kind: 'web',
    state: 'installed',
    installed: '1.22',
    candidate: '1.24',
    running: true,
    installable: false,
  },
  available,
  { id: 'redis-server', kind: 'cache', state: 'unavailable', installable: false },
]
const plan = { hash: 'h', steps: [], files: [], operations: [], packages: [], services: [], late: false }

describe('the software of a server', () => {
  let panel: ReturnType<typeof playPanel>
  let items: readonly Component[]
  before(() => useMessages({ stack: { 'ui.cost': 'costs {packages} packages' } }))
  beforeEach(() => {
    items = components
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: '' })
    panel = playPanel(({ path, method }) => {
      if (method === 'POST') return { body: plan }
      if (path.endsWith('/stack/components/php8.2-fpm'))
        return { body: { ...available, cost: { packages: 4, downloadBytes: 5 * 1024 * 1024, diskBytes: 1024 } } }
      return { body: { items, total: items.length } }
    })
  })
  afterEach(() => {
    for (const element of document.querySelectorAll('nusa-stack-software')) element.remove()
    panel.restore()
  })

  const rows = (page: HTMLElement) => [
    ...(page.shadowRoot?.querySelector('nusa-table')?.shadowRoot?.querySelectorAll('tbody tr') ?? []),
  ]

  it('asks what each costs that can be installed, and of no other', async () => {
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    await until('the cost', () => rows(page)[1]?.textContent?.includes('costs 4 packages'))
    expect(panel.sent.map(({ path }) => path).filter(path => path.includes('/stack/components'))).to.deep.equal([
      '/api/v1/stack/components/php8.2-fpm',
    ])
    expect(rows(page).map(row => row.querySelectorAll('nusa-button').length)).to.deep.equal([0, 1, 0])
  })

  it('shows the plan of an installation, anew when the lists shall be fetched first', async () => {
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    const button = await until('the button', () => rows(page)[1]?.querySelector<HTMLElement>('nusa-button'))
    button.click()
    const bodies = () => panel.sent.filter(({ method }) => method === 'POST').map(({ body }) => body)
    await until('the plan', () => bodies().length === 1)
    const choice = page.shadowRoot?.querySelector('nusa-checkbox')
    choice?.dispatchEvent(new CustomEvent('nusa-change', { detail: { value: true }, bubbles: true, composed: true }))
    await until('the other plan', () => bodies().length === 2)
    expect(bodies()).to.deep.equal([
      { component: 'php8.2-fpm', refresh: false },
      { component: 'php8.2-fpm', refresh: true },
    ])
    expect(
      panel.sent.filter(({ method }) => method === 'POST').every(({ path }) => path.includes('dry_run=true')),
    ).to.equal(true)
  })

  it('offers to finish what is half installed', async () => {
    items = [{ ...available, state: 'broken', installed: '8.2.1' }]
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    const button = await until('the button', () => rows(page)[0]?.querySelector<HTMLElement>('nusa-button'))
    expect(button.textContent).to.equal('ui.finish')
    expect(rows(page)[0]?.querySelector('nusa-stack-badge')?.shadowRoot?.textContent).to.contain('ui.state.broken')
    button.click()
    await until('the plan', () => panel.sent.some(({ method }) => method === 'POST'))
  })

  it('says what to type where the panel installs nothing', async () => {
    items = [{ ...available, installable: false }]
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    const callout = await until('the command', () => page.shadowRoot?.querySelector('nusa-callout'))
    expect(callout.textContent).to.contain('apt-get install php8.2-fpm')
    expect(rows(page)[0]?.querySelector('nusa-button')).to.equal(null)
  })

  it('offers nothing to who may only read', async () => {
    setSession({ user: null, permissions: ['stack:read'], assurance: 'full', csrfToken: '' })
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    await until('the rows', () => rows(page).length === 3)
    expect(rows(page)[1]?.querySelector('nusa-button')).to.equal(null)
  })
})
