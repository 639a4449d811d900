import { type Plan, setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, type Sent, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import '../index.js'
import { exampleSite } from '../testing/example.js'
import type { SitePage } from './site-page.js'

const sites = {
  one: exampleSite({ id: 'one', domain: 'one.test', unicodeDomain: 'one.test' }),
  two: exampleSite({ id: 'two', domain: 'two.test', unicodeDomain: 'two.test' }),
}
const planOf = (hash: string): Plan => ({ hash, steps: [], files: [], operations: [], packages: [], services: [] })
const aliasesOf = ({ body }: Sent) => (body as { aliases: string[] }).aliases.join()

describe('the page of a site', () => {
  let panel: ReturnType<typeof playPanel>
  /** Plans that wait, by what they are of. */
  let waiting: Record<string, () => void>
  let page: SitePage

  before(() => useMessages({ sites: { 'ui.tab.unsaved': '{label} *', 'ui.tab.domains': 'Domains' } }))
  beforeEach(async () => {
    setSession({ user: null, permissions: ['sites:write'], assurance: 'full', csrfToken: 'c' })
    waiting = {}
    panel = playPanel(sent => {
      const { method, path } = sent
      if (method === 'GET')
        return {
          body: path.endsWith('runtimes') ? { ports: { http: 80, https: 443 } } : sites[path.slice(-3) as 'one'],
        }
      if (!path.includes('dry_run')) return { body: { job: { id: 'j', href: '' } } }
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
