import { setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import { exampleStanding } from '../testing/example-standing.js'
import './policy-form.js'
import type { PolicyForm } from './policy-form.js'

const plan = { hash: 'h', steps: [], files: [], operations: [], packages: [], services: [] }

describe('the form of how a site answers', () => {
  let panel: ReturnType<typeof playPanel>
  let element: PolicyForm
  before(() => useMessages({ ssl: { 'ui.policy.warning.years': 'There is no way back' } }))
  beforeEach(async () => {
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: '' })
    panel = playPanel(({ path }) => ({ body: path.includes('dry_run') ? plan : { job: { id: 'j', href: '' } } }))
    element = await fixture<PolicyForm>(html`<nusa-ssl-policy .standing=${exampleStanding(90)}></nusa-ssl-policy>`)
  })
  afterEach(() => {
    element.remove()
    panel.restore()
  })

  const stage = (value: string) => {
    const select = element.shadowRoot?.querySelector('nusa-select')?.shadowRoot?.querySelector('select')
    if (!select) throw new Error('the field is not there')
    select.value = value
    select.dispatchEvent(new Event('change'))
  }
  const apply = () => element.shadowRoot?.querySelector<HTMLElement>('.buttons nusa-button')
  const changes = () => panel.sent.filter(({ method, path }) => method === 'PATCH' && !path.includes('dry_run'))

  it('warns in words before browsers are told to insist for good, and applies the plan that is shown', async () => {
    expect(Boolean(apply())).to.equal(false)
    stage('years')
    await until('the warning', () => element.shadowRoot?.textContent?.includes('There is no way back'))
    await until('the plan', () => element.shadowRoot?.querySelector('nusa-plan'))
    let started = ''
    element.addEventListener('nusa-ssl-started', event => {
      started = (event as CustomEvent<string>).detail
    })
    apply()?.click()
    await until('the job', () => started)
    expect(changes().map(({ body }) => body)).to.deep.equal([{ hsts: 63_072_000, hstsSubdomains: true }])
    expect(changes()[0]?.headers.get('Plan-Hash')).to.equal('h')
  })

  it('goes back to what is saved', async () => {
    stage('week')
    await until('the buttons', apply)
    element.shadowRoot?.querySelectorAll<HTMLElement>('.buttons nusa-button')[1]?.click()
    await until('nothing to apply', () => !apply())
    expect(element.shadowRoot?.querySelector('nusa-select')?.value).to.equal('off')
  })

  it('keeps a time between the stages until another is chosen', async () => {
    const policy = { redirect: true, hsts: 86_400, hstsSubdomains: false, profile: 'modern' } as const
    element.standing = exampleStanding(90, { policy })
    await until('it', () => element.shadowRoot?.querySelector('nusa-select')?.value === 'own')
    expect(Boolean(apply())).to.equal(false)
  })
})
