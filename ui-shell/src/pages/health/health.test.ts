import { setLocale } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import './health.js'
import type { Check, Examination } from './health-check.js'

const fine: Check = { id: 'disk', group: 'server', status: 'ok', code: 'health.disk.ok', message: 'Room enough.' }
const mirror: Check = {
  id: 'mirror.reachable',
  group: 'plugins',
  status: 'warning',
  code: 'mirror.away',
  message: 'a.test is away.',
  remedy: 'Wake it.',
  plugin: 'mirror',
}
const open: Check = {
  id: 'permissions',
  group: 'security',
  status: 'failed',
  code: 'health.permissions.failed',
  message: 'Others can read it.',
  remedy: 'Take it away.',
  command: 'chmod 600 /x',
}

describe('the health page', () => {
  let panel: ReturnType<typeof playPanel>
  afterEach(async () => {
    panel.restore()
    document.body.replaceChildren()
    await setLocale('en', { remember: false })
  })
  before(() =>
    useMessages({
      shell: {
        'health.well': 'All is well',
        'health.wrong': '{count} things',
        'health.again': 'Check again',
        'health.group.server': 'Server',
        'health.group.security': 'Security',
      },
    }),
  )

  const answer = (...items: Check[]): { body: Examination } => ({
    body: { checkedAt: new Date().toISOString(), status: items[0]?.status ?? 'ok', items },
  })
  const show = async () => {
    const page = await fixture(html`<nusa-health-page></nusa-health-page>`)
    return page.shadowRoot as ShadowRoot
  }
  const problems = (root: ShadowRoot, selector: string) =>
    [...root.querySelectorAll('nusa-health-problem')].flatMap(one => texts(one.shadowRoot as ShadowRoot, selector))
  const texts = (root: ShadowRoot, selector: string) =>
    [...root.querySelectorAll(selector)].map(element => element.textContent?.replaceAll(/\s+/g, ' ').trim() ?? '')

  it('shows that it looks, then one calm line and what is well by group', async () => {
    const { promise, resolve } = Promise.withResolvers<{ body: Examination }>()
    panel = playPanel(sent => (sent.path === '/api/v1/health' ? promise : {}))
    const root = await show()
    expect(root.querySelector('nusa-skeleton')).to.not.equal(null)
    resolve(answer(fine))
    await until('the report', () => root.querySelector('h2')?.textContent === 'All is well')
    expect(root.querySelector('nusa-health-problem')).to.equal(null)
    expect(texts(root, '.group')).to.deep.equal(['Server Room enough.'])
  })

  it('puts failures before warnings, with remedy and command, and names the plugin whose check it is', async () => {
    panel = playPanel(() => answer(mirror, fine, open))
    const root = await show()
    await until('the report', () => root.querySelector('nusa-health-problem')?.shadowRoot?.querySelector('h3'))
    expect(problems(root, 'h3')).to.deep.equal(['Others can read it.', 'a.test is away.'])
    expect(problems(root, 'code')).to.deep.equal(['chmod 600 /x'])
    expect(problems(root, '.small')).to.deep.equal(['Security', 'mirror'])
    expect(texts(root, 'h2')[0]).to.equal('2 things')
  })

  it('looks again when asked, and after a change of language, never twice at once', async () => {
    panel = playPanel(() => answer(fine))
    const root = await show()
    await until('the report', () => root.querySelector('.group'))
    const asked = () => panel.sent.filter(({ path }) => path === '/api/v1/health')
    const button = root.querySelector<HTMLElement>('nusa-button')
    button?.click()
    button?.click()
    await until('another look', () => asked().length === 2)
    await until('its end', () => !button?.hasAttribute('busy'))
    expect(asked()).to.have.length(2)
    await setLocale('id', { remember: false })
    await until('a look in Indonesian', () => asked().length === 3)
    expect(asked().at(-1)?.headers.get('Accept-Language')).to.equal('id')
  })

  it('says why it cannot look, and looks when asked again', async () => {
    let away = true
    panel = playPanel(({ path }) =>
      path !== '/api/v1/health'
        ? {}
        : away
          ? { status: 503, body: { code: 'state_unavailable', message: 'The store is away.' } }
          : answer(fine),
    )
    const root = await show()
    const failure = await until('the failure', () => root.querySelector('nusa-failure'))
    away = false
    ;(failure as HTMLElement & { retry(): void }).retry()
    await until('the report', () => root.querySelector('.group'))
  })
})
