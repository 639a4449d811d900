import { fixture, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import { type OwnPage, ownPages } from '../routes.js'
import './outlet.js'
import type { Outlet } from './outlet.js'

describe('the outlet', () => {
  const pages = ownPages as OwnPage[]
  const { length } = pages
  before(() => useMessages({}))
  afterEach(() => {
    pages.length = length
    document.body.replaceChildren()
  })

  it('tells that a page did not load only where that page is still asked for', async () => {
    const late = Promise.withResolvers<void>()
    pages.push(
      { path: '/late', element: 'test-late', load: () => late.promise },
      { path: '/other', element: 'test-other', load: async () => {} },
    )
    const outlet = await fixture<Outlet>(html`<nusa-outlet path="/late"></nusa-outlet>`)
    outlet.path = '/other'
    await until('the other page', () => outlet.renderRoot.querySelector('test-other'))
    late.reject(new Error('gone'))
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(outlet.renderRoot.querySelectorAll('nusa-failure').length).to.equal(0)
    outlet.path = '/late'
    await until('the failure', () => outlet.renderRoot.querySelector('nusa-failure'))
  })
})
