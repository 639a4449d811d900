import { type JobState, setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import './job.js'

describe('the page of a job', () => {
  let panel: ReturnType<typeof playPanel>
  let state: JobState
  before(() => useMessages({ shell: { 'job.retry': 'Run again', 'action.cancel': 'Cancel' } }))
  beforeEach(() => {
    signIn('jobs:read', 'jobs:write')
    panel = playPanel(({ method, path }) => {
      if (method === 'POST') state = 'running'
      if (path.includes('/log')) return { body: { items: [] } }
      const job = {
        id: 'j1',
        type: 'demo.copy',
        title: 'Copy',
        state,
        createdAt: '2026-03-01T10:00:00.000Z',
        steps: [],
      }
      return { body: method === 'POST' ? { job: { id: 'j1' } } : job }
    })
  })
  afterEach(() => {
    document.body.replaceChildren()
    panel.restore()
    setSession(null)
  })

  const signIn = (...permissions: string[]) => setSession({ user: null, permissions, assurance: 'full', csrfToken: '' })
  const open = async (now: JobState) => {
    state = now
    const page = await fixture(html`<nusa-job-page .params=${{ id: 'j1' }}></nusa-job-page>`)
    const root = page.shadowRoot as ShadowRoot
    await until('the job', () => badge(root) === now)
    return root
  }
  const badge = (root: ShadowRoot) =>
    root.querySelector('nusa-job')?.shadowRoot?.querySelector('nusa-job-badge')?.getAttribute('state')
  const actions = (root: ShadowRoot) => [...root.querySelectorAll<HTMLElement>('nusa-button[slot=actions]')]
  const labels = (root: ShadowRoot) => actions(root).map(button => button.textContent?.trim())

  it('shows the job under way once it was set going again', async () => {
    const root = await open('failed')
    expect(labels(root)).to.deep.equal(['Run again'])
    actions(root)[0]?.click()
    await until('the job to run', () => badge(root) === 'running')
    expect(labels(root)).to.deep.equal([])
    expect(panel.sent.some(({ method, path }) => method === 'POST' && path === '/api/v1/jobs/j1/retry')).to.equal(true)
  })

  it('offers both ways out of an unknown end, and none to whoever may only look', async () => {
    const root = await open('unknown')
    expect(labels(root)).to.deep.equal(['Cancel', 'Run again'])
    actions(root)[0]?.click()
    await until('the job to run', () => badge(root) === 'running')
    expect(panel.sent.some(({ method, path }) => method === 'POST' && path === '/api/v1/jobs/j1/cancel')).to.equal(true)
    signIn('jobs:read')
    expect(labels(await open('unknown'))).to.deep.equal([])
  })
})
