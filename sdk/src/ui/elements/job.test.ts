import { html } from 'lit'
import { fixture, playPanel, until, useMessages } from '../testing/fixture.js'
import './job.js'

const job = {
  id: 'j1',
  type: 'demo.copy',
  owner: 'demo',
  state: 'running',
  title: 'Copy',
  createdAt: '2026-03-01T10:00:00.000Z',
  startedAt: '2026-03-01T10:00:00.000Z',
  steps: [
    { name: 'copy', state: 'running', progress: 0.25, progressMessage: { text: 'Copying a.txt' } },
    { name: 'check', state: 'pending', progress: null, progressMessage: null },
  ],
}

describe('nusa-job', () => {
  it('shows how far a step was before the page was opened', async () => {
    await useMessages({})
    const panel = playPanel(({ path }) => ({ body: path.includes('/log') ? { items: [] } : job }))
    try {
      const element = await fixture<HTMLElement>(html`<nusa-job job-id="j1"></nusa-job>`)
      const bar = await until('a bar', () => element.shadowRoot?.querySelector('progress'))
      const text = element.shadowRoot?.querySelector('small')?.textContent
      if (bar.value !== 0.25 || text !== 'Copying a.txt') throw new Error(`${bar.value}, ${text}`)
      if (element.shadowRoot?.querySelectorAll('progress').length !== 1) throw new Error('a step that waits has a bar')
      element.remove()
    } finally {
      panel.restore()
    }
  })

  it('says in itself why it was not cancelled', async () => {
    await useMessages({ shell: { 'problem.job_not_cancellable': 'It cannot be stopped any more.' } })
    const panel = playPanel(({ method, path }) => {
      if (method === 'POST') return { status: 409, body: { status: 409, code: 'job_not_cancellable' } }
      return { body: path.includes('/log') ? { items: [] } : job }
    })
    try {
      const element = await fixture<HTMLElement>(html`<nusa-job job-id="j1"></nusa-job>`)
      const cancel = await until('the button', () => element.shadowRoot?.querySelector('nusa-button'))
      cancel.click()
      const callout = await until('the reason', () => element.shadowRoot?.querySelector('.head + nusa-callout'))
      const alert = await until('the alert', () => callout.shadowRoot?.querySelector('[role=alert]'))
      if (!alert.textContent?.includes('It cannot be stopped any more.')) throw new Error(alert.outerHTML)
      element.remove()
    } finally {
      panel.restore()
    }
  })

  it('leaves out what the agreed plan left out, unless it fails', async () => {
    await useMessages({})
    const shownWith = async (state: string) => {
      const steps = [
        { name: 'copy', state: 'succeeded' },
        { name: 'check', state },
      ]
      const plan = {
        hash: '',
        steps: [{ name: 'copy', summary: { code: 'x' } }],
        files: [],
        operations: [],
        services: [],
      }
      const panel = playPanel(({ path }) => ({
        body: path.includes('/log') ? { items: [] } : { ...job, state: 'succeeded', steps, plan },
      }))
      try {
        const element = await fixture<HTMLElement>(html`<nusa-job job-id="j1"></nusa-job>`)
        await until('the steps', () => element.shadowRoot?.querySelector('.steps li'))
        const shown = element.shadowRoot?.querySelectorAll('.steps li').length
        element.remove()
        return shown
      } finally {
        panel.restore()
      }
    }
    const planned = await shownWith('succeeded')
    if (planned !== 1) throw new Error(`${planned} steps`)
    const failed = await shownWith('failed')
    if (failed !== 2) throw new Error(`${failed} steps`)
  })
})
