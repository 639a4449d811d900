import { setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import type { SiteCertificate } from '../api.js'
import './card.js'
import { exampleStanding } from './testing/example-standing.js'

describe('the card of a certificate', () => {
  let panel: ReturnType<typeof playPanel>
  let standing: SiteCertificate
  let jobs: string[]
  before(() =>
    useMessages({
      ssl: {
        'ui.ends': 'in {days} days',
        'ui.failure': 'Failed',
        'ui.name.open': 'plain HTTP alone',
        'problem.ssl.challenge_failed': 'The authority could not see {name}',
        'problem.ssl.challenge_failed.remedy': 'Leave it out ({type})',
      },
    }),
  )
  beforeEach(() => {
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: '' })
    jobs = []
    panel = playPanel(({ path }) => {
      if (path.includes('/log')) return { body: { items: [] } }
      if (path.includes('/jobs/'))
        return { body: { id: 'j', type: 'ssl.issue', state: jobs.shift() ?? 'succeeded', createdAt: '', steps: [] } }
      return { body: standing }
    })
  })
  afterEach(() => {
    for (const element of document.querySelectorAll('nusa-ssl-card')) element.remove()
    panel.restore()
  })

  const card = () => fixture<HTMLElement>(html`<nusa-ssl-card .siteId=${'s1'}></nusa-ssl-card>`)
  const text = (element: HTMLElement) => element.shadowRoot?.textContent ?? ''

  it('offers one thing to do where there is no certificate', async () => {
    standing = exampleStanding(null)
    const element = await card()
    const button = await until('the way', () => element.shadowRoot?.querySelector('nusa-button[variant=primary]'))
    expect(button.getAttribute('href')).to.equal('/sites/s1#nusa-ssl-tab')
  })

  it('offers it to nobody who may not', async () => {
    setSession({ user: null, permissions: ['ssl:read'], assurance: 'full', csrfToken: '' })
    standing = exampleStanding(null)
    const element = await card()
    await until('the text', () => text(element).includes('ui.card.none'))
    expect(element.shadowRoot?.querySelector('nusa-button')).to.equal(null)
  })

  it('names who vouches for it, how long, and which names are open', async () => {
    standing = exampleStanding(29, { secured: ['one.test'] })
    const element = await card()
    await until('the facts', () => text(element).includes('Example Trust (E7)'))
    expect(text(element)).to.contain('in 29 days')
    const open = [...(element.shadowRoot?.querySelectorAll('.open') ?? [])].map(each => each.textContent?.trim())
    expect(open).to.have.length(1)
    expect(open[0]).to.match(/^www\.one\.test\s+plain HTTP alone$/)
  })

  it('says why the last attempt failed and what to do, in the words of the catalogue', async () => {
    const params = { name: 'www.one.test', type: 'http-01' }
    standing = exampleStanding(9, { failure: { code: 'ssl.challenge_failed', params, at: new Date().toISOString() } })
    const element = await card()
    await until('it', () => text(element).includes('The authority could not see www.one.test'))
    expect(text(element)).to.contain('Leave it out (http-01)')
  })

  it('says nothing of a failure before what is served was made', async () => {
    standing = exampleStanding(90, {
      failure: { code: 'ssl.no_certificate', params: {}, at: '2001-01-01T00:00:00.000Z' },
    })
    const element = await card()
    await until('the certificate', () => text(element).includes('Example Trust'))
    expect(Boolean(element.shadowRoot?.querySelector('nusa-callout'))).to.equal(false)
  })

  it('asks again when the job of the site ends', async () => {
    standing = exampleStanding(null, { job: 'j' })
    jobs = ['running']
    const element = await card()
    await until('the job', () => text(element).includes('ui.card.working'))
    standing = exampleStanding(90)
    await until('the certificate', () => text(element).includes('Example Trust'), 8_000)
    expect(text(element)).not.to.contain('ui.card.working')
  }).timeout(9_000)

  it('does not ask again and again about a job that has ended long ago', async () => {
    standing = exampleStanding(90, { job: 'j' })
    const element = await card()
    await until('the certificate', () => text(element).includes('Example Trust'))
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(panel.sent.filter(({ path }) => path.endsWith('/ssl/sites/s1'))).to.have.length(1)
  })
})
