import 'reflect-metadata'
import { type Actor, anonymous, kernelHooks, type NotificationInput } from '@nusantara/sdk'
import { expect } from 'chai'
import pino from 'pino'
import { Hooks } from '../hooks/hooks.js'
import { Live } from '../http/live.js'
import { Clock } from '../state/clock.js'
import { describeState } from '../testing/state.js'
import { Notifications } from './notifications.js'

const person = (id: string, more: Partial<Actor> = {}): Actor => ({
  ...anonymous,
  kind: 'user',
  id,
  userId: id,
  assurance: 'full',
  ...more,
})
const full: NotificationInput = { code: 'demo.full', severity: 'warning', target: 'administrators', dedupeKey: 'disk' }

describeState('Notifications', stores => {
  async function open() {
    const hooks = new Hooks(pino({ level: 'silent' }))
    const live = new Live()
    return { hooks, live, inbox: new Notifications(await stores.open(), hooks, live, new Clock()) }
  }
  const codes = async (inbox: Notifications, actor: Actor) =>
    (await inbox.list(actor, { limit: 10 })).items.map(({ code }) => code)

  it('shows everyone what is meant for them, and nothing else', async () => {
    const { inbox } = await open()
    await inbox.notify('demo', full)
    await inbox.notify('demo', { code: 'demo.you', severity: 'info', target: { user: 'u1' } })
    await inbox.notify('demo', { code: 'demo.team', severity: 'info', target: { account: 'a1' } })
    expect(await codes(inbox, person('root', { admin: true }))).to.deep.equal(['demo.full'])
    expect(await codes(inbox, person('u1', { accounts: ['a1'] }))).to.deep.equal(['demo.team', 'demo.you'])
    expect(await codes(inbox, person('u2'))).to.deep.equal([])
  })

  it('a second one with the same key updates the first and is unread again', async () => {
    const { inbox } = await open()
    const root = person('root', { admin: true })
    await inbox.notify('demo', { ...full, params: { free: 5 } })
    const [first] = (await inbox.list(root, { limit: 10 })).items
    await inbox.markRead(root, first?.id ?? '')
    expect((await inbox.list(root, { limit: 10, unread: true })).items).to.deep.equal([])
    await inbox.notify('demo', { ...full, params: { free: 1 } })
    const { items } = await inbox.list(root, { limit: 10, unread: true })
    expect(items.map(({ id, params }) => [id, params])).to.deep.equal([[first?.id, { free: 1 }]])
  })

  it('answers for what is not yours as for what is not there', async () => {
    const { inbox } = await open()
    await inbox.notify('demo', full)
    const [it] = (await inbox.list(person('root', { admin: true }), { limit: 1 })).items
    for (const id of [it?.id ?? '', 'none']) {
      const error = await inbox.markRead(person('u2'), id).catch(thrown => thrown)
      expect(error.code).to.equal('notification_unknown')
    }
  })

  it('pages, newest first', async () => {
    const { inbox } = await open()
    for (const code of ['a', 'b', 'c']) await inbox.notify('demo', { code, severity: 'info', target: { user: 'u1' } })
    const first = await inbox.list(person('u1'), { limit: 2 })
    expect(first.items.map(({ code }) => code)).to.deep.equal(['c', 'b'])
    const second = await inbox.list(person('u1'), { limit: 2, cursor: first.nextCursor ?? '' })
    expect(second.items.map(({ code }) => code)).to.deep.equal(['a'])
    expect(second.nextCursor).to.equal(undefined)
  })

  it('counts what matches, and keeps where it is looked at', async () => {
    const { inbox } = await open()
    const you = person('u1')
    for (const [code, severity] of [
      ['a', 'info'],
      ['b', 'critical'],
      ['c', 'critical'],
    ] as const)
      await inbox.notify('demo', { code, severity, target: { user: 'u1' }, ...(code === 'c' && { link: '/sites/1' }) })
    const { items, total } = await inbox.list(you, { limit: 1 })
    expect([items.length, total, items[0]?.link]).to.deep.equal([1, 3, '/sites/1'])
    await inbox.markRead(you, items[0]?.id ?? '')
    expect((await inbox.list(you, { limit: 1, unread: true })).total).to.equal(2)
    expect([await inbox.unread(you), await inbox.unread(person('u2'))]).to.deep.equal([2, 0])
    expect((await inbox.list(you, { limit: 9, severity: 'critical' })).items.map(({ code }) => code)).to.deep.equal([
      'c',
      'b',
    ])
    expect((await inbox.list(person('u2'), { limit: 1 })).total).to.equal(0)
  })

  it('tells the channels, and one that is down keeps nobody from it', async () => {
    const { inbox, hooks } = await open()
    const sent: string[] = []
    hooks.tap(kernelHooks.notifications.channels, 'mail', () => {
      throw new Error('no route to host')
    })
    hooks.tap(kernelHooks.notifications.channels, 'chat', (_scope, notice) => void sent.push(notice.code))
    await inbox.notify('demo', full)
    expect(sent).to.deep.equal(['demo.full'])
  })
})
