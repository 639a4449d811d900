import { type Job, setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import type { Site } from '../../api.js'
import { exampleSite } from '../../testing/example-site.js'
import './site-actions.js'
import './site-standing.js'
import type { SiteStanding } from './site-standing.js'

const job = (state: Job['state'], type = 'sites.delete'): Partial<Job> => ({ id: 'j1', type, state, steps: [] })
const session = (admin: boolean) =>
  setSession({
    user: { id: 'u', username: 'u', locale: 'en', admin, totp: false },
    permissions: ['*'],
    assurance: 'full',
    csrfToken: 'c',
  })

describe('how a site stands', () => {
  let panel: ReturnType<typeof playPanel>
  let now: Partial<Job> | undefined
  before(() =>
    useMessages({
      sites: {
        'ui.halfway': '{job} stopped halfway',
        'ui.halfway.text': 'Go on or take back',
        'ui.halfway.delete': '{domain} could not be deleted',
        'ui.suspended': 'Suspended',
        'ui.suspended.administrator': 'Suspended by an administrator',
        'ui.suspended.ask': 'Ask one',
        'ui.suspended.reason': 'Because {reason}',
        'ui.resume': 'Resume',
        'ui.suspend': 'Suspend',
        'ui.delete': 'Delete',
        'problem.sites.broken': 'The disk is full',
        'problem.sites.broken.remedy': 'Make room',
      },
    }),
  )
  beforeEach(() => {
    session(true)
    panel = playPanel(({ method, path }) => {
      if (method === 'POST') return { body: { job: { id: 'j1', href: '' } } }
      if (path.endsWith('/session')) return { body: {} }
      return { body: path.includes('/jobs/') ? now : { items: now ? [now] : [] } }
    })
  })
  afterEach(() => {
    for (const element of document.querySelectorAll('nusa-sites-standing, nusa-sites-actions')) element.remove()
    panel.restore()
  })

  const open = (site: Partial<Site>) =>
    fixture<SiteStanding>(html`<nusa-sites-standing .site=${exampleSite(site)}></nusa-sites-standing>`)
  /** Until the answer was read and shown. */
  const read = async (element: SiteStanding) => {
    await new Promise(resolve => setTimeout(resolve))
    await element.updateComplete
  }
  const callout = (element: HTMLElement) => element.shadowRoot?.querySelector('nusa-callout')
  const buttons = (element: HTMLElement) => [...(element.shadowRoot?.querySelectorAll('nusa-button') ?? [])]

  it('says nothing of one that answers', async () => {
    now = job('succeeded', 'sites.create')
    const element = await open({})
    await until('the job', () => panel.sent.length === 1)
    await read(element)
    expect(element.shadowRoot?.textContent?.trim()).to.equal('')
  })

  it('offers to go on with a job in doubt, or to take it back, and asks which one it is', async () => {
    now = { ...job('unknown'), title: 'Delete site example.test' }
    const element = await open({ state: 'deleting', job: 'j1' })
    const shown = await until('the callout', () => callout(element))
    expect(panel.sent[0]?.path).to.equal('/api/v1/jobs/j1')
    expect(shown.heading).to.equal('Delete site example.test stopped halfway')
    expect(shown.textContent).to.contain('Go on or take back')
    now = job('running')
    buttons(element)[0]?.click()
    await until('the job to be shown', () => element.shadowRoot?.querySelector('nusa-job'))
    expect(panel.sent.some(({ method, path }) => method === 'POST' && path === '/api/v1/jobs/j1/retry')).to.equal(true)
    expect(callout(element)).to.equal(null)
  })

  it('says why a deletion failed and what to do, and tries again', async () => {
    now = { ...job('failed'), problem: { code: 'sites.broken' } }
    const element = await open({})
    const shown = await until('the callout', () => callout(element))
    expect(shown.heading).to.equal('example.test could not be deleted')
    expect(shown.textContent).to.contain('The disk is full').and.to.contain('Make room')
    expect(buttons(element).length).to.equal(2)
  })

  it('keeps quiet about a change that failed, which was taken back', async () => {
    now = job('failed', 'sites.update')
    const element = await open({})
    await until('the job', () => panel.sent.length === 1)
    await read(element)
    expect(callout(element)).to.equal(null)
  })

  const suspended = {
    suspended: true,
    suspension: { by: 'administrator', at: '2026-01-01T00:00:00.000Z', reason: 'unpaid bill' },
  } as const

  it('tells an owner who suspended the site, why, and whom to ask', async () => {
    now = undefined
    session(false)
    const element = await open(suspended)
    const shown = await until('the callout', () => callout(element))
    expect(shown.heading).to.equal('Suspended by an administrator')
    expect(shown.textContent).to.contain('Because unpaid bill').and.to.contain('Ask one')
  })

  const choices = async (site: Partial<Site>) => {
    const element = await fixture<HTMLElement>(
      html`<nusa-sites-actions .site=${exampleSite(site)}></nusa-sites-actions>`,
    )
    return element.shadowRoot?.querySelector('nusa-menu')?.items.map(({ label }) => label)
  }

  it('offers what the reader may do about it', async () => {
    expect(await choices({})).to.deep.equal(['Suspend', 'Delete'])
    expect(await choices(suspended)).to.deep.equal(['Resume', 'Delete'])
    expect(await choices({ state: 'deleting' })).to.deep.equal(['Delete'])
    session(false)
    expect(await choices(suspended)).to.equal(undefined)
  })
})
