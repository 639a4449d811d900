import 'reflect-metadata'
import { expect } from 'chai'
import type { Config } from '../config/config.js'
import { createEngine, FakeTime } from '../jobs/engine.fixture.js'
import { Schedules } from '../jobs/schedules.js'
import { describeState } from '../testing/state.js'
import { until } from '../testing/until.js'
import { AuditRetention } from './retention.js'
import { auditParts, fillLog } from './testing.js'

describeState('audit retention', stores => {
  /** The audit of a panel that is told to keep so many days, at a time of its own. */
  const open = async (time: FakeTime, keepDays?: number) => {
    const state = await stores.open()
    const config = { ...stores.config(), audit: { ...(keepDays && { keepDays }) } } as Config
    const { sealing, log } = auditParts(state, config, time)
    const { container } = createEngine(state, config.home, { clock: time, timers: time.timers })
    const schedules = container.resolve(Schedules)
    const retention = new AuditRetention(sealing, schedules, time, config)
    return { state, schedules, retention, sealing, log }
  }

  it('seals each night what is older than it is told to keep', async () => {
    const time = new FakeTime('2026-03-10T12:00:00.000Z')
    const { state, schedules, retention, sealing, log } = await open(time, 5)
    await fillLog(state, 10, seq => `2026-03-${String(seq).padStart(2, '0')}T08:00:00.000Z`)
    retention.start()
    await schedules.start()
    try {
      // To four in the morning, then second by second: the sealing takes real time, and another night would seal again.
      for (let hour = 0; hour < 16; hour++) {
        await until(() => time.waiting.length > 0)
        await time.advance(60 * 60_000)
      }
      await until(async () => {
        await time.advance(1_000)
        return (await sealing.list()).length > 0
      })
      const [segment] = await sealing.list()
      // At 03:17 of the 11th, five days back is the 6th at 03:17.
      expect(segment).to.include({ first: 1, last: 5 })
      expect(await log.verify()).to.include({ ok: true, segments: 1 })
      const [entry] = (await log.list({ action: 'audit.seal' }, { limit: 1 })).items
      expect(entry?.actor.kind).to.equal('system')
    } finally {
      await schedules.stop()
      retention.stop()
    }
    expect(schedules.size).to.equal(0)
  })

  it('keeps everything, without a schedule, unless it is told otherwise', async () => {
    const { schedules, retention } = await open(new FakeTime('2026-03-10T12:00:00.000Z'))
    retention.start()
    expect(schedules.size).to.equal(0)
    expect(() => retention.before()).to.throw('audit_no_retention')
  })
})
