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
  before(() =>
    useMessages({
      shell: { 'list.selected': '{count} selected', 'list.select-row': 'Select {name}' },
      stack: {
        'ui.cost': 'costs {packages} packages',
        'ui.install.heading': 'Install {name}?',
        'ui.install.several': 'Install {count} components',
        'ui.name.nginx': 'nginx',
        'ui.name.redis-server': 'Redis',
      },
    }),
  )
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

  const boxes = (page: HTMLElement) =>
    rows(page).map(row => row.querySelector<HTMLInputElement>('td.select input') ?? undefined)
  const bar = (page: HTMLElement) => page.shadowRoot?.querySelector<HTMLElement>('nusa-selection') ?? undefined
  const bodies = () => panel.sent.filter(({ method }) => method === 'POST').map(({ body }) => body)
  /** A server that has none of it. */
  const bare: readonly Component[] = [
    { id: 'nginx', kind: 'web', state: 'available', candidate: '1.24', installable: true },
    available,
    { ...available, id: 'php8.10-fpm' },
    { ...available, id: 'php8.4-fpm' },
    { id: 'postgresql', kind: 'database', state: 'unavailable', installable: false },
    { id: 'redis-server', kind: 'cache', state: 'available', candidate: '7', installable: true },
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
    await until('the plan', () => bodies().length === 1)
    const choice = page.shadowRoot?.querySelector('nusa-checkbox')
    choice?.dispatchEvent(new CustomEvent('nusa-change', { detail: { value: true }, bubbles: true, composed: true }))
    await until('the other plan', () => bodies().length === 2)
    expect(bodies()).to.deep.equal([
      { components: ['php8.2-fpm'], refresh: false },
      { components: ['php8.2-fpm'], refresh: true },
    ])
    expect(
      panel.sent.filter(({ method }) => method === 'POST').every(({ path }) => path.includes('dry_run=true')),
    ).to.equal(true)
  })

  it('installs several that were chosen as one plan', async () => {
    items = bare
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    await until('the rows', () => rows(page).length === bare.length)
    expect(boxes(page).map(box => box?.getAttribute('aria-label'))).to.deep.equal([
      'Select nginx',
      'Select PHP 8.2',
      'Select PHP 8.10',
      'Select PHP 8.4',
      undefined,
      'Select Redis',
    ])
    expect(bar(page)).to.equal(undefined)
    boxes(page)[0]?.click()
    await until('the first', () => bar(page)?.shadowRoot?.textContent?.includes('1 selected'))
    boxes(page)[5]?.click()
    const button = await until('both', () => {
      const found = bar(page)?.querySelector<HTMLElement>('nusa-button')
      return found?.textContent === 'Install 2 components' ? found : undefined
    })
    button.click()
    await until('the plan', () => bodies().length === 1)
    expect(bodies()).to.deep.equal([{ components: ['nginx', 'redis-server'], refresh: false }])
    const dialog = page.shadowRoot?.querySelector('nusa-confirm')
    expect(dialog?.heading).to.match(/^Install nginx (?:and|dan) Redis\?$/)
    // Once they are there nothing is left to be chosen of them.
    items = bare.map(each =>
      each.id === 'nginx' || each.id === 'redis-server' ? { ...each, state: 'installed' } : each,
    )
    dialog?.dispatchEvent(new CustomEvent('nusa-settled'))
    await until('the end', () => bar(page) === undefined)
  })

  it('selects a web server and the newest PHP on a server that has none of it, where it shall suggest', async () => {
    items = bare
    const page = await fixture<HTMLElement>(html`<nusa-stack-software suggest></nusa-stack-software>`)
    await until('the rows', () => rows(page).length === bare.length)
    const chosen = () => boxes(page).map(box => box?.checked)
    expect(chosen()).to.deep.equal([true, false, true, false, undefined, false])
    bar(page)?.dispatchEvent(new CustomEvent('nusa-unselect'))
    await until('none', () => bar(page) === undefined)
    expect(chosen()).to.deep.equal([false, false, false, false, undefined, false])
  })

  it('suggests nothing once something is there', async () => {
    const page = await fixture<HTMLElement>(html`<nusa-stack-software suggest></nusa-stack-software>`)
    await until('the rows', () => rows(page).length === 3)
    expect(boxes(page).map(box => box?.checked)).to.deep.equal([undefined, false, undefined])
    expect(bar(page)).to.equal(undefined)
  })

  it('offers to finish what is half installed', async () => {
    items = [{ ...available, state: 'broken', installed: '8.2.1' }]
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    const button = await until('the button', () => rows(page)[0]?.querySelector<HTMLElement>('nusa-button'))
    expect(button.textContent).to.equal('ui.finish')
    expect(boxes(page)).to.deep.equal([undefined])
    expect(rows(page)[0]?.querySelector('nusa-stack-badge')?.shadowRoot?.textContent).to.contain('ui.state.broken')
    button.click()
    await until('the plan', () => panel.sent.some(({ method }) => method === 'POST'))
  })

  it('says what to type where the panel installs nothing', async () => {
    items = [{ ...available, installable: false }]
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    const callout = await until('the command', () => page.shadowRoot?.querySelector('nusa-callout'))
    expect(callout.textContent).to.contain('apt-get install php8.2-fpm')
    expect(rows(page)[0]?.querySelector('nusa-button, input')).to.equal(null)
  })

  it('offers nothing to who may only read', async () => {
    setSession({ user: null, permissions: ['stack:read'], assurance: 'full', csrfToken: '' })
    const page = await fixture<HTMLElement>(html`<nusa-stack-software></nusa-stack-software>`)
    await until('the rows', () => rows(page).length === 3)
    expect(rows(page)[1]?.querySelector('nusa-button, input')).to.equal(null)
  })
})
