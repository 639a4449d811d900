import type { Actor } from '@nusantara/sdk'
import { expect } from 'chai'
import { FakeTime } from '../jobs/engine.fixture.js'
import { describeState } from '../testing/state.js'
import { Tickets } from './tickets.js'

const actor = { id: 'u', sessionId: 's' } as Actor

describeState('a ticket', stores => {
  const open = async () => {
    const time = new FakeTime('2026-03-01T10:00:00.000Z')
    return { time, tickets: new Tickets(time, await stores.open()) }
  }

  it('is good once, for its session and path', async () => {
    const { tickets } = await open()
    const { ticket } = await tickets.issue(actor, '/a')
    expect(await tickets.redeem(ticket, actor, '/a')).to.equal(true)
    expect(await tickets.redeem(ticket, actor, '/a')).to.equal(false)
    for (const [who, path] of [
      [actor, '/b'],
      [{ ...actor, sessionId: 'other' }, '/a'],
      [{ ...actor, id: 'other' }, '/a'],
    ] as const) {
      const stolen = await tickets.issue(actor, '/a')
      expect(await tickets.redeem(stolen.ticket, who, path)).to.equal(false)
      // Whoever tries with a wrong one has spent it.
      expect(await tickets.redeem(stolen.ticket, actor, '/a')).to.equal(false)
    }
  })

  it('is worth nothing after 30 seconds', async () => {
    const { time, tickets } = await open()
    const [fresh, old] = [await tickets.issue(actor, '/a'), await tickets.issue(actor, '/a')]
    await time.advance(29_999)
    expect(await tickets.redeem(fresh.ticket, actor, '/a')).to.equal(true)
    await time.advance(1)
    expect(await tickets.redeem(old.ticket, actor, '/a')).to.equal(false)
  })

  it('is redeemed by one of those who try at once, in whichever process', async () => {
    const { time, tickets } = await open()
    const second = stores.dialect === 'postgres' ? new Tickets(time, await stores.reopen()) : tickets
    const { ticket } = await tickets.issue(actor, '/a')
    const tries = Array.from({ length: 8 }, (_, n) => (n % 2 ? tickets : second).redeem(ticket, actor, '/a'))
    expect((await Promise.all(tries)).filter(Boolean)).to.deep.equal([true])
  })
})
