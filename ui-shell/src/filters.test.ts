import { routeEvent } from '@nusantara/sdk/ui'
import { expect } from 'chai'
import type { ReactiveControllerHost } from 'lit'
import { Filters } from './filters.js'

describe('filters of a list', () => {
  const address = location.href
  const host = { addController: () => {}, requestUpdate: () => {} } as unknown as ReactiveControllerHost
  let told: boolean[]
  const open = (search: string) => {
    history.replaceState({ kept: true }, '', `${location.pathname}${search}`)
    const filters = new Filters(host, ['state', 'type'], ({ typing }) => told.push(typing))
    filters.hostConnected()
    return filters
  }
  beforeEach(() => {
    told = []
  })
  afterEach(() => history.replaceState(null, '', address))

  it('come from the address, and go there with what else stands in it', () => {
    const filters = open('?state=failed&other=1')
    expect(filters.query).to.deep.equal({ state: 'failed' })
    filters.set('type', 'sites & more', { typing: true })
    filters.set('state', undefined)
    expect(location.search).to.equal('?other=1&type=sites+%26+more')
    expect(history.state).to.deep.equal({ kept: true })
    expect(told).to.deep.equal([true, false])
    filters.clear()
    expect([location.search, filters.any]).to.deep.equal(['?other=1', false])
    filters.hostDisconnected()
  })

  it('tell nothing when nothing changes', () => {
    const filters = open('?state=failed')
    filters.set('state', 'failed')
    filters.set('type', '')
    window.dispatchEvent(new Event(routeEvent))
    expect(told).to.deep.equal([])
    filters.hostDisconnected()
  })

  it('follow a link to the same page, and none to another', () => {
    const filters = open('')
    history.replaceState(null, '', `${location.pathname}?state=queued`)
    window.dispatchEvent(new Event(routeEvent))
    expect(filters.get('state')).to.equal('queued')
    history.replaceState(null, '', '/elsewhere?state=failed')
    window.dispatchEvent(new Event(routeEvent))
    expect(filters.get('state')).to.equal('queued')
    expect(told).to.deep.equal([false])
    filters.hostDisconnected()
  })
})
