import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { type BrokerHome, brokerHome, type RunningBroker, startBroker } from './testing/broker-process.js'
import { RawClient } from './testing/raw-client.js'
import { SystemdWakeTimer } from './wake-timer.js'

describe('the timer that starts the panel', () => {
  let directory: string
  let calls: string[]
  let failing = false
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-wake-`)
    calls = []
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const timer = () =>
    new SystemdWakeTimer(`${directory}/nusantara-wake.timer.d`, `${directory}/wake.json`, async (_, argv) => {
      calls.push(argv.join(' '))
      if (failing) throw new Error('systemctl failed')
    })
  const file = () => `${directory}/nusantara-wake.timer.d/time.conf`

  it('has the time as a drop-in, which systemd reads again when it changes and only then', async () => {
    await timer().set(new Date('2030-01-31T03:00:00.900Z'))
    expect(readFileSync(file(), 'utf8')).to.equal('[Timer]\nOnCalendar=2030-01-31 03:00:00 UTC\n')
    expect(calls).to.deep.equal(['daemon-reload', 'restart -- nusantara-wake.timer'])
    await timer().set(new Date('2030-01-31T03:00:00.100Z'))
    expect(calls, 'the same second').to.have.length(2)
    await timer().set(null)
    expect(readdirSync(`${directory}/nusantara-wake.timer.d`)).to.deep.equal([])
    expect(calls).to.have.length(4)
    await timer().set(null)
    expect(calls).to.have.length(4)
  })

  it('is read again after systemd could not be told', async () => {
    failing = true
    const at = new Date('2030-01-31T03:00:00Z')
    const refused = await timer()
      .set(at)
      .catch((error: Error) => error.message)
    expect(refused).to.equal('systemctl failed')
    failing = false
    await timer().set(at)
    expect(calls).to.deep.equal(['daemon-reload', 'daemon-reload', 'restart -- nusantara-wake.timer'])
  })

  describe('is asked for at the broker', () => {
    let home: BrokerHome
    let broker: RunningBroker
    let client: RawClient
    before(async () => {
      home = brokerHome()
      broker = await startBroker(home)
      client = await RawClient.connect(broker.socket)
    })
    after(async () => {
      client?.end()
      await broker?.stop('SIGINT')
      home?.remove()
    })
    const set = async (params: unknown) => (await client.call('timer.set', params)).error

    it('by a time ahead and within bounds, and by nothing else', async () => {
      const later = new Date(Date.now() + 60_000).toISOString()
      const refused: readonly [unknown, RegExp][] = [
        [{}, /at/],
        [{ at: 5 }, /string/],
        [{ at: 'daily' }, /must be a time/],
        [{ at: '*-*-* *:*:*' }, /must be a time/],
        [{ at: `${later}\nUnit=evil.service` }, /at most|must be a time/],
        [{ at: later, unit: 'evil.service' }, /unit/],
      ]
      for (const [params, says] of refused) {
        const error = await set(params)
        expect(error?.data?.code, JSON.stringify(params)).to.equal('param_invalid')
        expect(error?.message, JSON.stringify(params)).to.match(says)
      }
      for (const at of [new Date(Date.now() - 1000), new Date(Date.now() + 401 * 86_400_000)])
        expect((await set({ at: at.toISOString() }))?.data?.params, at.toISOString()).to.include({ param: 'at' })
    })

    it('in vain where no service manager starts the panel', async () => {
      expect((await set({ at: new Date(Date.now() + 60_000).toISOString() }))?.data?.code).to.equal('timer_unavailable')
      expect((await set({ at: null }))?.data?.code).to.equal('timer_unavailable')
    })
  })
})
