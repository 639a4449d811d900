import { setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import './plugins-step.js'
import type { PluginsStep } from './plugins-step.js'

const plugin = {
  id: 'sites',
  version: '1.0.0',
  displayName: { en: 'Sites' },
  description: { en: 'Publishes' },
  state: 'running',
  enabled: true,
  why: null,
  dependants: ['ssl'],
  missing: [],
  cost: { startMs: 12.4, heapBytes: 1024 * 1024 },
}
const refusal = { code: 'plugin_required', status: 409, title: 'Conflict', params: {} }

describe('the features of a new server', () => {
  let panel: ReturnType<typeof playPanel>
  let settled: boolean[]
  before(() => useMessages({ shell: { 'plugin.cost': '{memory} and {ms}' } }))
  beforeEach(() => {
    settled = []
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: 'c' })
    panel = playPanel(({ method }) =>
      method === 'POST' ? { status: 409, body: refusal } : { body: { items: [plugin], total: 1 } },
    )
  })
  afterEach(() => panel.restore())

  const show = async () => {
    const onboarding = { settle: (done: boolean) => settled.push(done), recall: () => undefined, remember: () => {} }
    const step = await fixture<PluginsStep>(
      html`<nusa-welcome-plugins .onboarding=${onboarding}></nusa-welcome-plugins>`,
    )
    const box = await until('the plugin', () => step.shadowRoot?.querySelector('nusa-checkbox'))
    return { step, box, input: box.shadowRoot?.querySelector('input') as HTMLInputElement }
  }

  it('tell what each costs, and are done whatever is chosen', async () => {
    const { step } = await show()
    expect(step.shadowRoot?.textContent).to.contain('1 MiB and 12')
    expect(settled).to.deep.equal([true])
  })

  it('show one that was refused as it is', async () => {
    const { box, input } = await show()
    input.click()
    await until('the refusal', () => panel.sent.filter(({ path }) => path.endsWith('/plugins')).length === 2)
    await until('the switch to be free again', () => !box.disabled)
    expect([box.checked, input.checked]).to.deep.equal([true, true])
  })
})
