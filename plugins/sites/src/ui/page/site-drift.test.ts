import { setSession } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import { exampleSite } from '../../testing/example-site.js'
import './site-drift.js'
import type { SiteDrift } from './site-drift.js'

const site = exampleSite({ id: 'one', domain: 'one.test' })
const file = { path: `/etc/nginx/nusantara.d/${site.tenant}.conf`, kind: 'modified', diff: '+# by hand', hash: 'h1' }

describe('hand edits of a site', () => {
  let panel: ReturnType<typeof playPanel>
  let drift: SiteDrift
  /** Answers to `GET /drift` that wait, in the order of the questions. */
  let waiting: ((files: readonly unknown[]) => void)[]

  before(() => useMessages({ sites: {} }))
  beforeEach(async () => {
    setSession({ user: null, permissions: ['changes:read', 'changes:write'], assurance: 'full', csrfToken: 'c' })
    waiting = []
    panel = playPanel(({ method }) =>
      method === 'POST'
        ? { body: { items: [] } }
        : new Promise(resolve => waiting.push(items => resolve({ body: { items } }))),
    )
    drift = await fixture<SiteDrift>(html`<nusa-sites-drift .site=${site}></nusa-sites-drift>`)
    await until('the question', () => waiting[0])
  })
  afterEach(() => {
    drift.remove()
    panel.restore()
  })

  const paths = () => [...(drift.shadowRoot?.querySelectorAll('header p') ?? [])].map(({ textContent }) => textContent)
  const answer = (index: number, files: readonly unknown[]) => waiting[index]?.(files)

  it('are shown, and gone once they were taken back', async () => {
    answer(0, [file])
    await until('the edit', () => paths().includes(file.path))
    drift.shadowRoot?.querySelectorAll<HTMLElement>('footer nusa-button')[1]?.click()
    await until('the next question', () => waiting[1])
    expect(panel.sent.find(({ method }) => method === 'POST')?.body).to.include({ action: 'discard', path: file.path })
    answer(1, [])
    await until('it to go', () => paths().length === 0)
  })

  it('are those of the latest answer, when an earlier question is answered after it', async () => {
    const seen = new Set<string | null>()
    const observer = new MutationObserver(() => {
      for (const path of paths()) seen.add(path)
    })
    observer.observe(drift.shadowRoot as ShadowRoot, { childList: true, subtree: true })
    const ask = async (updatedAt: string) => {
      const asked = waiting.length
      drift.site = { ...site, updatedAt }
      await until('the next question', () => waiting[asked])
    }
    await ask('2026-02-02T00:00:00.000Z')
    answer(1, [])
    answer(0, [file])
    await ask('2026-03-03T00:00:00.000Z')
    const other = { ...file, path: `${file.path}.other` }
    answer(2, [other])
    await until('the latest', () => paths().includes(other.path))
    observer.disconnect()
    expect([...seen]).to.deep.equal([other.path])
  })

  it('go into the directives, as far as they were added, where the reader may write those', async () => {
    const diff =
      '@@ -1,4 +1,6 @@\n server {\n+    location /api {\n+        expires 5m;\n+    }\n-    index index.html;\n }\n'
    let merge: unknown
    drift.addEventListener('nusa-sites-merge', event => {
      merge = (event as CustomEvent).detail
    })
    const buttons = () => [...(drift.shadowRoot?.querySelectorAll<HTMLElement>('footer nusa-button') ?? [])]
    answer(0, [{ ...file, diff }])
    await until('the edit', () => paths().includes(file.path))
    expect(buttons().map(({ textContent }) => textContent?.trim())).to.deep.equal(['drift.adopt', 'drift.discard'])
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: 'c' })
    drift.requestUpdate()
    await drift.updateComplete
    buttons()[0]?.click()
    expect(merge).to.deep.equal({
      path: file.path,
      hash: 'h1',
      added: 'location /api {\n    expires 5m;\n}',
      removed: 1,
    })
  })

  it('of files without a place for directives do not', async () => {
    setSession({ user: null, permissions: ['*'], assurance: 'full', csrfToken: 'c' })
    const pool = { ...file, path: `/etc/nusantara-php/${site.tenant}/pool.conf`, diff: '@@ -1 +1,2 @@\n+a\n' }
    answer(0, [pool, { ...file, diff: '@@ -1,2 +1 @@\n-a\n' }])
    await until('the edits', () => paths().length === 2)
    expect(drift.shadowRoot?.querySelectorAll('footer nusa-button').length).to.equal(4)
  })
})
