import { type MenuItem, setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import type { SiteCertificate } from '../../api.js'
import { exampleStanding } from '../testing/example-standing.js'
import type { Chain } from '../wire.js'
import './site-certificate.js'
import type { SiteTls } from './site-certificate.js'

const plan = { hash: 'h', steps: [], files: [], operations: [], packages: [], services: [] }
const chain: Chain = {
  pem: 'PEM',
  facts: [
    {
      subject: 'CN=one.test',
      issuer: 'CN=E7',
      serial: 'ab',
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: '2026-04-01T00:00:00.000Z',
      fingerprint256: 'ab12',
      names: ['one.test'],
      keyType: 'ec256',
      signature: 'ecdsa-sha256',
      crtsh: 'https://crt.sh/?q=ab12',
    },
  ],
}
const order = { authority: 'a', names: ['one.test'], keyType: 'ec256', challenge: 'http-01' } as const

describe('a site and its certificate', () => {
  let panel: ReturnType<typeof playPanel>
  let standing: SiteCertificate
  let outcome: string
  let element: SiteTls
  before(() => useMessages({ ssl: { 'ui.open': '{url} is open', 'ui.revoke': 'Revoke', 'ui.export.key': 'With key' } }))
  beforeEach(() => {
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: '' })
    outcome = 'succeeded'
    standing = exampleStanding(60, { order, certificate: { exportable: true } })
    panel = playPanel(({ path, method }) => {
      if (path.includes('/log')) return { body: { items: [] } }
      if (path.includes('/jobs/'))
        return {
          body: { id: 'j', type: 'ssl.issue', state: outcome, createdAt: '2026-01-01T00:00:00.000Z', steps: [] },
        }
      if (path.includes('/runtimes')) return { body: { ports: { https: 8443 } } }
      if (path.includes('/authorities')) return { body: { items: [{ id: 'a', name: 'A', default: true }] } }
      if (path.includes('/readiness')) return { body: { findings: [] } }
      if (path.includes('/chain')) return { body: chain }
      if (path.endsWith('/certificates') || path.includes('/providers')) return { body: { items: [] } }
      if (method === 'GET') return { body: standing }
      return { body: path.includes('dry_run') ? plan : { job: { id: 'j', href: '' } } }
    })
  })
  afterEach(() => {
    element.remove()
    panel.restore()
  })

  const open = async (selector: string) => {
    element = await fixture<SiteTls>(html`<nusa-ssl-site .siteId=${'s1'}></nusa-ssl-site>`)
    await until(selector, () => find(selector))
  }
  const find = (selector: string) => element.shadowRoot?.querySelector<HTMLElement>(selector) ?? undefined
  const actions = () => find('nusa-ssl-actions')?.shadowRoot ?? undefined
  const items = () => (actions()?.querySelector('nusa-menu')?.items ?? []) as readonly MenuItem[]
  const press = (within: ShadowRoot | null | undefined, selector: string) =>
    within?.querySelector(selector)?.shadowRoot?.querySelector<HTMLElement>('button')?.click()
  const inForm = () => find('nusa-ssl-issue')?.shadowRoot
  const posts = () => panel.sent.filter(({ method }) => method !== 'GET').map(({ path, body }) => ({ path, body }))

  it('runs the order in place and says at last that the site is open', async () => {
    standing = exampleStanding(null)
    await open('nusa-ssl-issue')
    await until('the form', () => inForm()?.querySelector('nusa-form'))
    standing = exampleStanding(90)
    press(inForm(), 'nusa-button[type=submit]')
    await until('it', () => find('.open')?.textContent?.includes('https://one.test:8443/ is open'))
    expect(find('.open nusa-button')?.getAttribute('href')).to.equal('https://one.test:8443/')
    expect(Boolean(find('nusa-ssl-issue'))).to.equal(false)
    await until('the focus', () => element.shadowRoot?.activeElement === find('.open h2'))
  })

  it('keeps what was chosen when the order failed, and leads back to it', async () => {
    standing = exampleStanding(null)
    outcome = 'failed'
    await open('nusa-ssl-issue')
    await until('the form', () => inForm()?.querySelector('nusa-form'))
    inForm()?.querySelector('nusa-ssl-names')?.shadowRoot?.querySelector<HTMLElement>('input')?.click()
    const form = find('nusa-ssl-issue')
    press(inForm(), 'nusa-button[type=submit]')
    const back = await until('the way back', () => find('.after nusa-button'))
    expect(find('nusa-card.form')?.hidden).to.equal(true)
    back.click()
    await until('the form', () => find('nusa-card.form')?.hidden === false)
    expect(find('nusa-ssl-issue') === form).to.equal(true)
  })

  it('asks for the reason and the name of the site before it revokes', async () => {
    await open('nusa-ssl-actions')
    items()
      .find(({ label }) => label === 'Revoke')
      ?.run?.()
    const question = await until('the question', () => find('nusa-ssl-question')?.shadowRoot)
    await until('the plan', () => posts().length === 1)
    expect(question.querySelector('nusa-confirm')?.name).to.equal('one.test')
    question
      .querySelector('nusa-select')
      ?.dispatchEvent(new CustomEvent('nusa-change', { detail: { value: 'key-compromise' } }))
    await until('the other plan', () => posts().length === 2)
    expect(posts().map(({ body }) => body)).to.deep.equal([{ reason: 'unspecified' }, { reason: 'key-compromise' }])
  })

  it('offers a key only where it may leave, to who may have it', async () => {
    await open('nusa-ssl-actions')
    const offered = () => items().some(({ label }) => label === 'With key')
    expect(offered()).to.equal(true)
    setSession({ user: null, permissions: ['ssl:read', 'ssl:write'], assurance: 'full', csrfToken: '' })
    expect(await renewed(false)).to.equal(false)
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: '' })
    standing = exampleStanding(60, { order })
    expect(await renewed(false)).to.equal(false)

    /** What is offered once the page is shown anew. */
    async function renewed(expected: boolean): Promise<boolean> {
      element.remove()
      await open('nusa-ssl-actions')
      await until('the menu', () => items().length > 0 && offered() === expected)
      return offered()
    }
  })

  it('revokes and renews nothing that no authority gave', async () => {
    standing = exampleStanding(60, { certificate: { kind: 'upload' } })
    await open('nusa-ssl-actions')
    await until('the menu', () => items().length > 0)
    expect(items().some(({ label }) => label === 'Revoke')).to.equal(false)
    expect(Boolean(actions()?.querySelector('nusa-button'))).to.equal(false)
  })

  it('shows who may not change it how it stands, and nothing to change it with', async () => {
    setSession({ user: null, permissions: ['ssl:read'], assurance: 'full', csrfToken: '' })
    await open('nusa-ssl-facts')
    expect(Boolean(find('nusa-ssl-actions, nusa-ssl-policy, nusa-ssl-issue'))).to.equal(false)
    const facts = find('nusa-ssl-facts')?.shadowRoot
    await until('the public log', () => facts?.querySelector('a[href="https://crt.sh/?q=ab12"]'))
  })
})
