import { expect } from 'chai'
import { playPanel, until } from '../testing/fixture.js'
import { listen } from './live.js'
import { setSession } from './session.js'

describe('live data', () => {
  it('waits before it asks again when the stream is refused to somebody who is signed in', async () => {
    const session = { user: null, permissions: [], assurance: 'full', csrfToken: '' } as const
    setSession(session)
    const Real = window.EventSource
    let connects = 0
    window.EventSource = class extends Real {
      constructor() {
        // An answer that is no stream.
        super('data:,')
        connects++
      }
    }
    const panel = playPanel(() => ({ status: 404 }))
    const stop = listen('demo', () => {})
    try {
      await until('the question who is signed in', () => panel.sent.length)
      // Nothing may happen, for which there is no sign.
      await new Promise(resolve => setTimeout(resolve, 500))
      expect(connects).to.equal(1)
    } finally {
      stop()
      window.EventSource = Real
      panel.restore()
    }
  })
})
