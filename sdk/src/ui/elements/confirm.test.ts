import { expect } from 'chai'
import { html } from 'lit'
import type { Job } from '../core/jobs.js'
import { fixture, playPanel, until, useMessages } from '../testing/fixture.js'
import './confirm.js'
import type { Confirm } from './confirm.js'

describe('nusa-confirm', () => {
  let panel: ReturnType<typeof playPanel>
  before(() => useMessages({}))
  afterEach(() => panel.restore())

  it('tells how its job ended although it was closed before, once', async function () {
    this.timeout(10_000)
    let state = 'running'
    panel = playPanel(({ method, path }) => {
      if (path.includes('/log')) return { body: { items: [] } }
      if (path.includes('/jobs/'))
        return { body: { id: 'j1', type: 'demo.copy', state, createdAt: '2026-03-01T10:00:00.000Z', steps: [] } }
      if (method === 'POST' && !path.includes('dryRun')) return { status: 202, body: { job: { id: 'j1', href: '' } } }
      return { body: { hash: 'h', steps: [], files: [], operations: [], packages: [], services: [] } }
    })
    const ended: Job[] = []
    let closed = 0
    const confirm = await fixture<Confirm>(
      html`<nusa-confirm
        open
        action="Do it"
        .request=${{ method: 'POST', path: '/things' }}
        @nusa-settled=${(event: CustomEvent<Job>) => ended.push(event.detail)}
        @nusa-close=${() => closed++}
      ></nusa-confirm>`,
    )
    const buttons = () => [...confirm.renderRoot.querySelectorAll<HTMLElement>('nusa-button')]
    await until('the plan', () => confirm.renderRoot.querySelector('nusa-plan'))
    buttons().at(-1)?.click()
    await until('the job', () => confirm.renderRoot.querySelector('nusa-job'))
    buttons().at(-1)?.click()
    await until('the end of the dialog', () => closed === 1)
    expect(ended).to.deep.equal([])
    state = 'succeeded'
    await until('the end of the job', () => ended.length, 8_000)
    expect(ended.map(({ id, state }) => [id, state])).to.deep.equal([['j1', 'succeeded']])
    confirm.remove()
  })
})
