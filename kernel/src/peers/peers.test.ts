import 'reflect-metadata'
import type { Logger } from '@nusantara/sdk'
import { expect } from 'chai'
import { Live } from '../http/live.js'
import { LiveRelay } from '../http/live-relay.js'
import { Clock } from '../state/clock.js'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { until } from '../testing/until.js'
import { Peers } from './peers.js'

describeState('peers', stores => {
  const leaves: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const leave of leaves.splice(0)) await leave()
  })
  const ignore = () => undefined
  const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const join = async (state: State) => {
    const peers = new Peers(state, new Clock(), logger)
    leaves.push(await peers.join())
    return peers
  }
  /** Two processes of one state. */
  const pair = async () => [await join(await stores.open()), await join(await stores.reopen())] as const

  describe('while the store is slow or away', () => {
    interface Told {
      readonly messages: readonly (readonly [string, number])[]
      readonly gap?: true
    }
    /** A process whose letters arrive, or not, as `send` says. */
    const alone = (send: (letter: Told) => Promise<unknown>) => {
      const knex = { raw: (_: string, [, text]: string[]) => send(JSON.parse(text as string) as Told) }
      const letters = {
        where: () => ({ delete: async () => 0 }),
        insert: ({ body }: { body: string }) => send(JSON.parse(body) as Told),
      }
      const trx = Object.assign(() => letters, { raw: async () => undefined })
      const transaction = (run: (trx: unknown) => Promise<void>) => run(trx)
      return new Peers({ dialect: 'postgres', knex, transaction } as never, new Clock(), logger)
    }

    it('says with the next letter that something was given up while one was on its way', async () => {
      const letters: Told[] = []
      const slow = Promise.withResolvers<void>()
      const peers = alone(async letter => {
        letters.push(letter)
        await slow.promise
      })
      for (let n = 0; n < 2_002; n++) peers.tell('w', n % 2)
      slow.resolve()
      await until(() => letters.length >= 2)
      expect(letters.map(letter => letter.gap)).to.deep.equal([undefined, true])
    })

    it('remembers what it gave up until a letter arrives', async function () {
      this.timeout(10_000)
      const letters: Told[] = []
      let failures = 0
      const peers = alone(async letter => {
        if (failures++ === 0) throw new Error('away')
        letters.push(letter)
      })
      peers.tell('w', 0)
      await until(() => {
        peers.tell('w', 1)
        return letters.length > 1
      })
      expect(letters[0]?.gap).to.equal(true)
      expect(letters[1]?.gap).to.equal(undefined)
    })

    it('leaves no message behind, whenever it comes', async () => {
      for (let turns = 0; turns < 12; turns++) {
        const heard: number[] = []
        const peers = alone(async ({ messages }) => heard.push(...messages.map(([, n]) => n)))
        peers.tell('w', 1)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        peers.tell('w', 2)
        await until(() => heard.length === 2)
      }
    })
  })

  if (stores.dialect === 'sqlite') {
    it('opens nothing and sends nothing: an embedded store has one process', async () => {
      const [one, other] = await pair()
      const heard: unknown[] = []
      one.on('word', body => heard.push(body))
      other.on('word', body => heard.push(body))
      one.tell('word', 1)
      await stores.open()
      expect([one.shared, heard]).to.deep.equal([false, []])
    })
    return
  }

  it('everyone else hears, in order, however long it is', async () => {
    const [one, other] = await pair()
    const heard: unknown[] = []
    const own: unknown[] = []
    other.on('word', body => heard.push(body))
    one.on('word', body => own.push(body))
    const long = 'é'.repeat(20_000)
    for (let n = 0; n < 50; n++) one.tell('word', n)
    one.tell('word', long)
    one.tell('other', 'nobody asked')
    one.tell('word', 'end')
    await until(() => heard.length === 52)
    expect(heard).to.deep.equal([...Array(50).keys(), long, 'end'])
    expect(own).to.deep.equal([])
  })

  it('what is told with a transaction is heard when it commits, and else never', async () => {
    const state = await stores.open()
    const [one, other] = [await join(state), await join(await stores.reopen())]
    const heard: unknown[] = []
    other.on('word', body => heard.push(body))
    const failed = state.transaction(async trx => {
      await one.tellWith(trx, 'word', 'undone')
      throw new Error('no')
    })
    await failed.catch(ignore)
    await state.transaction(trx => one.tellWith(trx, 'word', 'done'))
    await until(() => heard.length > 0)
    expect(heard).to.deep.equal(['done'])
  })

  it('listens again after the server was away, and says that something may be missing', async function () {
    this.timeout(30_000)
    const [one, other] = await pair()
    let gaps = 0
    const heard: unknown[] = []
    other.onGap(() => gaps++)
    other.on('word', body => heard.push(body))
    await stores.postgres?.crash()
    await stores.postgres?.start()
    await until(() => gaps > 0)
    one.tell('word', 'again')
    await until(() => heard.length === 1)
  })

  it('what happens live in one process is heard in the other, and a gap ends what could be resumed', async () => {
    const [one, other] = await pair()
    const [here, there] = [new Live(), new Live()]
    const relays = [new LiveRelay(here, one), new LiveRelay(there, other)]
    for (const relay of relays) await relay.start()
    const heard: string[] = []
    here.listen(({ topic, data }) => heard.push(`here ${topic} ${data}`))
    there.listen(({ topic, data }) => heard.push(`there ${topic} ${data}`))
    const before = there.position
    here.publish('job:1', { kind: 'log', lines: ['x'.repeat(9_000)] })
    await until(() => heard.length === 2)
    expect(heard.map(line => line.slice(0, 11))).to.deep.equal(['here job:1 ', 'there job:1'])
    expect(there.since(before)).to.have.length(1)
    there.interrupted()
    expect(there.since(before)).to.equal(undefined)
    for (const relay of relays) await relay.stop()
  })
})
