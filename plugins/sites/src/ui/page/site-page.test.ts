import { navigate, type Plan, setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, type Sent, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import '../index.js'
import { exampleSite } from '../../testing/example-site.js'
import type { SitePage } from './site-page.js'

const sites = {
  one: exampleSite({ id: 'one', domain: 'one.test', unicodeDomain: 'one.test' }),
  two: exampleSite({ id: 'two', domain: 'two.test', unicodeDomain: 'two.test' }),
}
const job = {
  id: 'j',
  type: 'sites.update',
  owner: 'sites',
  state: 'succeeded',
  createdAt: '2026-01-01T00:00:00.000Z',
  steps: [],
}
const planOf = (hash: string): Plan => ({ hash, steps: [], files: [], operations: [], packages: [], services: [] })
const aliasesOf = ({ body }: Sent) => (body as { aliases: string[] }).aliases.join()

describe('the page of a site', () => {
  let panel: ReturnType<typeof playPanel>
  /** Plans that wait, by what they are of. */
  let waiting: Record<string, () => void>
  let page: SitePage
  /** What the panel answers with instead of the site. */
  let failure: number | undefined
  /** The change waits for this. */
  let taken: Promise<void>
  let aliases: readonly string[]

  before(() => useMessages({ sites: { 'ui.tab.unsaved': '{label} *', 'ui.tab.domains': 'Domains' } }))
  beforeEach(async () => {
    setSession({ user: null, permissions: ['sites:write'], assurance: 'full', csrfToken: 'c' })
    waiting = {}
    failure = undefined
    taken = Promise.resolve()
    aliases = []
    panel = playPanel(sent => {
      const { method, path } = sent
      if (path.includes('/jobs/')) return { body: path.includes('/log') ? { items: [] } : job }
      if (method === 'GET') {
        if (path.endsWith('runtimes')) return { body: { ports: { http: 80, https: 443 } } }
        return failure ? { status: failure } : { body: { ...sites[path.slice(-3) as 'one'], aliases } }
      }
      if (!path.includes('dry_run')) return taken.then(() => ({ body: { job: { id: 'j', href: '' } } }))
      return new Promise(resolve => {
        waiting[aliasesOf(sent)] = () => resolve({ body: planOf(`of ${aliasesOf(sent)}`) })
      })
    })
    history.replaceState(null, '', '#domains')
    page = await fixture<SitePage>(html`<nusa-sites-detail .params=${{ id: 'one' }}></nusa-sites-detail>`)
  })
  afterEach(() => {
    page.remove()
    history.replaceState(null, '', location.pathname + location.search)
    panel.restore()
  })

  const form = () => page.shadowRoot?.querySelector('nusa-sites-domains')
  const field = (name: string) =>
    form()?.shadowRoot?.querySelector<HTMLElement & { value: string }>(`[name=${name}]`) ?? undefined
  const type = (text: string) => {
    const area = field('aliases')?.shadowRoot?.querySelector('textarea')
    if (!area) throw new Error('the field is not there')
    area.value = text
    area.dispatchEvent(new Event('input'))
  }
  const apply = () => form()?.shadowRoot?.querySelector<HTMLElement>('.decision nusa-button')?.click()
  const shownPlan = () => form()?.shadowRoot?.querySelector('nusa-plan')?.plan?.hash
  const changes = () => panel.sent.filter(({ method, path }) => method === 'PATCH' && !path.includes('dry_run'))

  it('applies no other plan than the one that is shown, while a newer one is on its way', async () => {
    await until('the form', () => field('aliases'))
    type('a.test')
    await until('a request', () => waiting['a.test'])
    waiting['a.test']?.()
    await until('the plan', () => shownPlan() === 'of a.test')
    type('b.test')
    await until('another request', () => waiting['b.test'])
    apply()
    await until(
      'it to be asked for again',
      () => panel.sent.filter(sent => sent.body && aliasesOf(sent) === 'b.test')[1],
    )
    waiting['b.test']?.()
    await until('the newer plan', () => shownPlan() === 'of b.test')
    expect(changes()).to.deep.equal([])
    apply()
    const [sent] = await until('the change', () => changes()[0] && changes())
    expect(sent?.headers.get('Plan-Hash')).to.equal('of b.test')
  })

  const refresh = () => page.shadowRoot?.querySelector('nusa-sites-standing')?.dispatchEvent(new Event('nusa-settled'))
  const marked = () => page.shadowRoot?.querySelector('nusa-tabs')?.tabs.some(({ label }) => label === 'Domains *')
  const answers = () => panel.sent.filter(({ path }) => path.endsWith('/sites/one')).length

  it('keeps what is typed when a refresh fails, unless the site is gone', async () => {
    await until('the form', () => field('aliases'))
    type('a.test')
    await until('the mark', marked)
    const before = answers()
    failure = 503
    refresh()
    await until('the refresh', () => answers() > before)
    failure = 404
    // The second answer comes after the first.
    await new Promise(resolve => setTimeout(resolve))
    await page.updateComplete
    expect(page.shadowRoot?.querySelector('nusa-failure')).to.equal(null)
    expect(field('aliases')?.value).to.equal('a.test')
    refresh()
    await until('the failure', () => page.shadowRoot?.querySelector('nusa-failure'))
    page.params = { id: 'two' }
    failure = undefined
    await until('the other site', () => field('domain')?.value === 'two.test')
  })

  it('leads to the sites when its own is deleted, although the dialog was closed and something is unsaved', async () => {
    await until('the form', () => field('aliases'))
    type('a.test')
    await until('the mark', marked)
    const path = location.pathname
    try {
      page.shadowRoot
        ?.querySelector('nusa-sites-actions')
        ?.shadowRoot?.querySelector('nusa-confirm')
        ?.dispatchEvent(
          new CustomEvent('nusa-settled', { detail: { ...job, type: 'sites.delete' }, bubbles: true, composed: true }),
        )
      await until('the sites', () => location.pathname === '/sites')
    } finally {
      history.replaceState(null, '', path)
    }
  })

  it('keeps what is typed while a change is on its way', async () => {
    await until('the form', () => field('aliases'))
    type('a.test')
    await until('a request', () => waiting['a.test'])
    waiting['a.test']?.()
    await until('the plan', () => shownPlan() === 'of a.test')
    let take = () => {}
    taken = new Promise(resolve => {
      take = resolve
    })
    apply()
    await until('the change', () => changes()[0])
    type('b.test')
    aliases = ['a.test']
    const before = answers()
    take()
    await until('the site anew', () => answers() > before)
    await until('a plan for the rest', () => waiting['b.test'])
    waiting['b.test']?.()
    await until('it', () => shownPlan() === 'of b.test')
    expect(field('aliases')?.value).to.equal('b.test')
    expect(marked()).to.equal(true)
  })

  it('fills the fields anew after a change', async () => {
    await until('the form', () => field('aliases'))
    type('A.test')
    await until('a request', () => waiting['A.test'])
    waiting['A.test']?.()
    await until('the plan', () => shownPlan() === 'of A.test')
    aliases = ['a.test']
    apply()
    await until('the site as it is saved', () => field('aliases')?.value === 'a.test')
    expect(marked()).to.equal(false)
  })

  it('asks once before it is left', async () => {
    await until('the form', () => field('aliases'))
    type('a.test')
    await until('the mark', marked)
    const place = location.href
    const dialog = () => page.shadowRoot?.querySelector('nusa-sites-leave')?.shadowRoot?.querySelector('nusa-dialog')
    navigate('/elsewhere')
    await until('the question', () => dialog()?.open)
    dialog()?.querySelector('nusa-button')?.click()
    await until('it to go', () => dialog()?.open === false)
    expect(location.pathname).to.equal('/elsewhere')
    history.replaceState(null, '', place)
  })

  it('shows another site when it is led to one, and nothing of the former', async () => {
    await until('the form', () => field('domain')?.value === 'one.test')
    type('a.test')
    await until('the mark', () =>
      page.shadowRoot?.querySelector('nusa-tabs')?.tabs.some(({ label }) => label === 'Domains *'),
    )
    page.params = { id: 'two' }
    await until('the other site', () => field('domain')?.value === 'two.test')
    expect(field('aliases')?.value).to.equal('')
    expect(page.shadowRoot?.querySelector('nusa-tabs')?.tabs.some(({ label }) => label === 'Domains *')).to.equal(false)
  })
})
