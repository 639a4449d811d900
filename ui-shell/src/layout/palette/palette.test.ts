import { setShellInfo } from '@nusantara/sdk/ui'
import { fixture, playPanel, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import './palette.js'
import type { Palette } from './palette.js'

describe('the palette', () => {
  let panel: ReturnType<typeof playPanel>
  before(() => useMessages({ shell: { 'theme.dark': 'Dark' } }))
  beforeEach(() => {
    setShellInfo({
      version: '',
      profile: '',
      locales: [],
      pages: [],
      slots: {},
      extensions: {},
      bundles: {},
      preferences: {},
    })
    panel = playPanel(() => ({ body: { items: [] } }))
  })
  afterEach(() => panel.restore())

  const type = (palette: Palette, text: string) => {
    const input = palette.shadowRoot?.querySelector('input') as HTMLInputElement
    input.value = text
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }

  it('searches for what is typed once the typing pauses, and for nothing once it was closed', async () => {
    const palette = await fixture<Palette>(html`<nusa-palette></nusa-palette>`)
    await palette.show()
    type(palette, 'ab')
    type(palette, 'abc')
    await until('the search', () => panel.sent.length === 1)
    expect(panel.sent[0]?.path).to.match(/\/search\?q=abc$/)
    type(palette, 'abcd')
    palette.shadowRoot?.querySelector('dialog')?.close()
    await palette.show()
    await new Promise(resolve => setTimeout(resolve, 400))
    expect(panel.sent).to.have.length(1)
  })
})
