import { fixture, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import type { Runtime, Runtimes } from '../../api.js'
import { runtimeCards } from './runtime-fields.js'

const offered = async (panel: boolean, type: Runtime['type'] = 'static') => {
  const cards = await fixture<HTMLElement & { options: { value: string }[] }>(
    html`${runtimeCards(type, { php: ['8.2'], panel } as unknown as Runtimes)}`,
  )
  return cards.options.map(({ value }) => value)
}

describe('what a site may serve', () => {
  before(() => useMessages({ sites: {} }))

  it('is the panel for who may publish it', async () => {
    expect(await offered(true)).to.deep.equal(['static', 'php', 'proxy', 'redirect', 'panel'])
    expect(await offered(false)).to.deep.equal(['static', 'php', 'proxy', 'redirect'])
  })

  it('stays the panel for everybody who looks at it', async () => {
    expect(await offered(false, 'panel')).to.include('panel')
  })
})
