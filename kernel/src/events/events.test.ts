import 'reflect-metadata'
import { defineEvent } from '@nusantara/sdk'
import { expect } from 'chai'
import { Peers } from '../peers/peers.js'
import { Clock } from '../state/clock.js'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { until } from '../testing/until.js'
import { Outbox } from './outbox.js'
import { Subscription } from './subscription.js'

const created = defineEvent<{ n: number }>('demo.created')
const times = { retry: 5, retryMax: 20, poll: 20, turn: 20, renew: 5 }
const ignore = () => undefined
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
const outboxOf = (state: State) => {
  const clock = new Clock()
  return new Outbox(state, clock, new Peers(state, clock, logger))
}

describeState('Events', stores => {
  let state: State
  let outbox: Outbox
  const running: Subscription[] = []
  beforeEach(async () => {
    state = await stores.open()
    outbox = outboxOf(state)
  })
  afterEach(async () => {
    for (const subscription of running.splice(0)) await subscription.stop()
  })

  const emit = (n: number) => state.transaction(trx => outbox.write(trx, created, { n }))
  function listen(plugin: string, take: (n: number) => void, box = outbox): Subscription {
    const subscription = new Subscription(box, plugin, () => undefined, times)
    running.push(subscription)
    subscription.on(created, async payload => take((payload as { n: number }).n))
    subscription.wake()
    return subscription
  }
  const ready = (plugin: string) =>
    until(async () => (await state.knex('outbox_cursors').where({ plugin }).first()) !== undefined)

  it('delivers in order, and what was missed while the plugin was off', async () => {
    const seen: number[] = []
    const first = listen('a', n => seen.push(n))
    await ready('a')
    await emit(1)
    await until(() => seen.length === 1)
    await first.stop()
    await emit(2)
    await emit(3)
    listen('a', n => seen.push(n))
    await until(() => seen.length === 3)
    expect(seen).to.deep.equal([1, 2, 3])
  })

  it('tries a failing handler again and keeps the order', async () => {
    const seen: number[] = []
    let failures = 3
    listen('a', n => {
      if (n === 1 && failures-- > 0) throw new Error('not yet')
      seen.push(n)
    })
    await ready('a')
    await emit(1)
    await emit(2)
    await until(() => seen.length === 2)
    expect(seen).to.deep.equal([1, 2])
  })

  it('a plugin that listens for the first time starts with what comes next', async () => {
    await emit(1)
    const seen: number[] = []
    listen('late', n => seen.push(n))
    await ready('late')
    await emit(2)
    await until(() => seen.length > 0)
    expect(seen).to.deep.equal([2])
  })

  it('a rolled back transaction emits nothing', async () => {
    const seen: number[] = []
    listen('a', n => seen.push(n))
    await ready('a')
    const failed = state.transaction(async trx => {
      await outbox.write(trx, created, { n: 1 })
      throw new Error('no')
    })
    await failed.catch(() => undefined)
    await emit(2)
    await until(() => seen.length > 0)
    expect(seen).to.deep.equal([2])
  })

  it('concurrent transactions are numbered as they commit, and none is passed over', async () => {
    const seen: number[] = []
    listen('a', n => seen.push(n))
    await ready('a')
    await Promise.all(Array.from({ length: 40 }, (_, n) => emit(n)))
    await until(() => seen.length === 40)
    expect(new Set(seen).size).to.equal(40)
  })

  it('finds what another process wrote', async () => {
    const seen: number[] = []
    listen('a', n => seen.push(n))
    await ready('a')
    const other = await stores.reopen()
    await other.transaction(trx => outboxOf(other).write(trx, created, { n: 7 }))
    await until(() => seen.length === 1)
  })

  it('drops what every plugin has read', async () => {
    const seen: number[] = []
    listen('a', n => seen.push(n))
    listen('b', n => seen.push(n))
    await ready('a')
    await ready('b')
    await emit(1)
    await until(async () => seen.length === 2 && (await state.knex('outbox')).length === 0)
  })

  if (stores.dialect === 'postgres') {
    it('of two processes that run the plugin one delivers each event', async () => {
      const seen: number[] = []
      listen('a', n => seen.push(n))
      await ready('a')
      listen('a', n => seen.push(n), outboxOf(await stores.reopen()))
      for (let n = 0; n < 30; n++) await emit(n)
      await until(() => seen.length >= 30)
      await until(async () => (await state.knex('outbox')).length === 0)
      expect(seen).to.deep.equal([...Array(30).keys()])
    })

    it('another process goes on when the one that read is dead', async () => {
      const seen: number[] = []
      listen('a', n => seen.push(n))
      await ready('a')
      await running[0]?.stop()
      await outbox.hold('a', 'dead')
      await emit(1)
      listen('a', n => seen.push(n))
      await until(async () => (await state.knex('outbox_cursors').first()).holder === 'dead')
      expect(seen).to.deep.equal([])
      await state.knex('outbox_cursors').update({ held_until: '2000-01-01T00:00:00.000Z' })
      await until(() => seen.length === 1)
    })
  }

  it('delivers no further once another process has its place', async () => {
    let taken = false
    class Contested extends Outbox {
      renewals = 0
      override async hold(plugin: string, holder: string) {
        if (taken) this.renewals++
        return taken ? undefined : super.hold(plugin, holder)
      }
    }
    const clock = new Clock()
    const box = new Contested(state, clock, new Peers(state, clock, logger))
    const seen: number[] = []
    const long = Promise.withResolvers<void>()
    const subscription = new Subscription(box, 'a', ignore, times)
    running.push(subscription)
    subscription.on(created, async payload => {
      seen.push((payload as { n: number }).n)
      await long.promise
    })
    subscription.wake()
    await ready('a')
    await emit(1)
    await emit(2)
    subscription.wake()
    await until(() => seen.length === 1)
    taken = true
    await until(() => box.renewals > 0)
    long.resolve()
    const before = box.renewals
    await until(() => box.renewals > before + 2)
    expect(seen).to.deep.equal([1])
    taken = false
    await until(() => seen.includes(2))
  })

  it('a plugin whose failing event was dropped is not stuck any more', async () => {
    await outbox.hold('a', 'x')
    await emit(1)
    await outbox.failed('a', 'demo.created', 'no room')
    expect(await outbox.stuck(1)).to.have.length(1)
    await outbox.prune(new Date(Date.now() + 60_000))
    expect(await outbox.stuck(1)).to.deep.equal([])
    expect((await state.knex('outbox_cursors').first()).failing_reason).to.equal(null)
  })

  it('tells which plugin is stuck at which event, until it gets on', async () => {
    let broken = true
    const subscription = listen('a', () => {
      if (broken) throw new Error('no room')
    })
    await ready('a')
    await emit(1)
    await until(async () => (await outbox.stuck(3)).length === 1)
    const [stuck] = await outbox.stuck(3)
    expect([stuck?.plugin, stuck?.event, stuck?.reason]).to.deep.equal(['a', 'demo.created', 'no room'])
    broken = false
    subscription.wake()
    await until(async () => (await outbox.stuck(1)).length === 0)
  })

  it('drops what is too old, and what nobody waits for', async () => {
    const future = new Date(Date.now() + 60_000)
    for (let n = 0; n < 3; n++) await emit(n)
    expect(await outbox.prune(new Date(0))).to.deep.equal({ dropped: 3, behind: [] })
    await outbox.hold('off', 'x')
    for (let n = 3; n < 6; n++) await emit(n)
    expect(await outbox.prune(new Date(0))).to.deep.equal({ dropped: 0, behind: [] })
    expect(await outbox.prune(future)).to.deep.equal({ dropped: 3, behind: ['off'] })
    const seen: number[] = []
    await outbox.release('off', 'x')
    listen('off', n => seen.push(n))
    await emit(6)
    await until(() => seen.length === 1)
    expect(seen).to.deep.equal([6])
  })
})
