import { setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import { exampleStanding } from '../testing/example-standing.js'
import type { Finding } from '../wire.js'
import './issue-form.js'
import type { IssueForm } from './issue-form.js'

const plan = { hash: 'h', steps: [], files: [], operations: [], packages: [], services: [] }
const authorities = [
  { id: 'a', name: 'A', default: false },
  { id: 'b', name: 'B', default: true },
]
const failed: Finding = { check: 'address', name: 'www.one.test', status: 'failed', code: 'address_none', params: {} }
const fine: Finding = { check: 'caa', name: 'one.test', status: 'ok', code: 'caa_none', params: {} }

describe('the form that asks for a certificate', () => {
  let panel: ReturnType<typeof playPanel>
  let element: IssueForm
  before(() =>
    useMessages({
      ssl: {
        'readiness.address_none': 'The name has no addresses',
        'readiness.address_none.remedy': 'Create an A record',
        'readiness.caa_none': 'No CAA records',
        'ui.check.done': '{ready} of {count} ready',
        'ui.names.none': 'Choose one',
      },
    }),
  )
  beforeEach(async () => {
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: '' })
    panel = playPanel(({ path }) => {
      if (path.includes('/authorities')) return { body: { items: authorities } }
      if (path.includes('/providers')) return { body: { items: [{ id: 'p', name: 'P', type: 'webhook', config: {} }] } }
      if (path.includes('/readiness')) return { body: { findings: [fine, failed] } }
      return { body: path.includes('dry_run') ? plan : { job: { id: 'j', href: '' } } }
    })
    const standing = exampleStanding(null, { names: ['one.test', 'www.one.test', '*.one.test'] })
    element = await fixture<IssueForm>(html`<nusa-ssl-issue .standing=${standing}></nusa-ssl-issue>`)
    await until('the check', () => element.shadowRoot?.textContent?.includes('1 of 2 ready'))
  })
  afterEach(() => {
    element.remove()
    panel.restore()
  })

  const names = () => element.shadowRoot?.querySelector('nusa-ssl-names')?.shadowRoot ?? undefined
  const boxes = () => [...(names()?.querySelectorAll('input') ?? [])]
  const posts = () => panel.sent.filter(({ method }) => method === 'POST')
  const press = (selector: string) =>
    element.shadowRoot?.querySelector(selector)?.shadowRoot?.querySelector<HTMLElement>('button')?.click()
  const choose = (name: string, value: string) => {
    const cards = element.shadowRoot?.querySelector(`[name=${name}]`)?.shadowRoot
    cards?.querySelector<HTMLInputElement>(`input[value='${value}']`)?.click()
  }

  it('says of each name what stands in the way and what to do, and keeps what is well out of sight', () => {
    expect(names()?.textContent).to.contain('The name has no addresses')
    expect(names()?.querySelector('.remedy')?.textContent).to.equal('Create an A record')
    expect(names()?.querySelector('details')?.textContent).to.contain('No CAA records')
    expect(names()?.querySelector('details')?.open).to.equal(false)
  })

  it('asks for what is chosen, by the default authority, without what was left out or cannot be proven', async () => {
    boxes()[1]?.click()
    press('nusa-button[type=submit]')
    await until('the order', () => posts().length === 2)
    const [planned, ordered] = posts()
    expect(ordered?.body).to.deep.equal({
      authority: 'b',
      challenge: 'http-01',
      names: ['one.test'],
      keyType: 'ec256',
      exportable: false,
    })
    expect(planned?.path).to.contain('dry_run=true')
    expect(ordered?.headers.get('Plan-Hash')).to.equal('h')
  })

  it('leaves out at once what would fail', async () => {
    element.shadowRoot?.querySelector<HTMLElement>('nusa-button[icon=close]')?.click()
    await until('it', () => boxes()[1]?.checked === false)
    expect(boxes()[0]?.checked).to.equal(true)
  })

  it('does not order without a name', async () => {
    boxes()[0]?.click()
    boxes()[1]?.click()
    press('nusa-button[type=submit]')
    await until('the word', () => names()?.querySelector('#error')?.textContent?.includes('Choose one'))
    expect(posts()).to.deep.equal([])
  })

  it('checks again, and takes wildcards, when names are proven by DNS', async () => {
    expect(boxes()[2]?.disabled).to.equal(true)
    choose('challenge', 'dns-01')
    await until('another check', () => panel.sent.some(({ path }) => path.includes('challenge=dns-01')))
    await until('the wildcard', () => boxes()[2]?.disabled === false)
    press('nusa-button[icon=eye]')
    await until('the plan', () => element.shadowRoot?.querySelector('nusa-plan'))
    expect(posts()).to.have.length(1)
    expect(posts()[0]?.body).to.include({ challenge: 'dns-01', provider: 'p' })
    expect(JSON.stringify(posts()[0]?.body)).to.contain('*.one.test')
  })
})
