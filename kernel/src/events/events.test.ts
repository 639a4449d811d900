import 'reflect-metadata'
import { defineEvent } from '@nusantara/sdk'
import { expect } from 'chai'
import { Clock } from '../state/clock.js'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { until } from '../testing/until.js'
import { Outbox } from './outbox.js'
import { Subscription } from './subscription.js'

const created = defineEvent<{ n: number }>('demo.created')
const times = { retry: 5, retryMax: 20, poll: 20 }

describeState('Events', stores => {
  let state: State
  let outbox: Outbox
  const running: Subscription[] = []
  beforeEach(async () => {
    state = await stores.open()
    outbox = new Outbox(state, new Clock())
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
    await other.transaction(trx => new Outbox(other, new Clock()).write(trx, created, { n: 7 }))
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
})
