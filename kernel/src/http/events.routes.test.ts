import 'reflect-metadata'
import { expect } from 'chai'
import { HttpFixture } from './http-fixture.js'

describe('the event stream of a client that asks for its head alone', () => {
  it('takes no place of those that are read', async () => {
    const server = await HttpFixture.start()
    try {
      server.registry.addStream('shop', { topic: 'shop.news', permission: 'authenticated' })
      const as = await server.signIn([])
      for (let time = 0; time < 20; time++) {
        const { status, headers } = await server.ask('/api/v1/events?topics=shop.news', { method: 'HEAD', as })
        expect([status, headers['content-type']]).to.deep.equal([200, 'text/event-stream'])
      }
    } finally {
      await server.stop()
    }
  })
})
