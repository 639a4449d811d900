import { expect } from 'chai'
import { takeHandedSockets } from './handed-sockets.js'

describe('sockets that a service manager hands over', () => {
  it('are known by the names of their units, several of one name too', () => {
    const env = { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'https:cli:https', PATH: '/bin' }
    expect([...takeHandedSockets(env, 7)]).to.deep.equal([
      ['https', [3, 5]],
      ['cli', [4]],
    ])
    expect(env, 'no child takes them for its own').to.deep.equal({ PATH: '/bin' })
  })

  it('are none where nobody hands any over, or where they are for another process', () => {
    expect(takeHandedSockets({}, 7).size).to.equal(0)
    const env = { LISTEN_PID: '8', LISTEN_FDS: '1', LISTEN_FDNAMES: 'https' }
    expect(takeHandedSockets(env, 7).size).to.equal(0)
    expect(env).to.deep.equal({})
  })

  it('are refused when names and number differ', () => {
    expect(() => takeHandedSockets({ LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'https' }, 7)).to.throw(
      /LISTEN_FDS=2 and LISTEN_FDNAMES=https do not agree/,
    )
  })
})
