import type { ScheduleDefinition } from '@nusantara/sdk'
import { expect } from 'chai'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { createEngine, FakeTime, refusal, until } from './engine.fixture.js'
import { Schedules } from './schedules.js'

const minute = 60_000
const hour = 60 * minute

describeState('schedules', stores => {
  describe('', () => {
    const started: Schedules[] = []
    let state: State
    beforeEach(async () => {
      state = await stores.open()
    })
    afterEach(async () => {
      for (const schedules of started.splice(0)) await schedules.stop()
    })

    const open = (time: FakeTime): Schedules => {
      const { container } = createEngine(state, stores.config().home, { clock: time, timers: time.timers })
      const schedules = container.resolve(Schedules)
      started.push(schedules)
      return schedules
    }
    /** A schedule that writes down when it ran. */
    const recorder = (time: FakeTime, definition: Partial<ScheduleDefinition>) => {
      const runs: string[] = []
      const schedule: ScheduleDefinition = {
        name: 'backup',
        cron: '0 * * * *',
        missed: 'run_once',
        run: async () => void runs.push(time.now().toISOString()),
        ...definition,
      }
      return { runs, schedule }
    }
    /** Passes time from timer to timer; each check reads the store before it waits again. */
    const pass = async (time: FakeTime, ms: number) => {
      const end = time.now().getTime() + ms
      for (;;) {
        await until(() => time.waiting.length > 0)
        const step = Math.min(time.waiting[0] ?? 0, end - time.now().getTime())
        await time.advance(step)
        if (time.now().getTime() >= end) return
      }
    }

    it('runs on the minute and remembers it', async () => {
      const time = new FakeTime('2026-03-01T09:58:30.000Z')
      const schedules = open(time)
      const { runs, schedule } = recorder(time, {})
      schedules.add('demo', schedule)
      await schedules.start()
      await pass(time, 2 * hour)
      expect(runs.map(run => run.slice(0, 16))).to.deep.equal(['2026-03-01T10:00', '2026-03-01T11:00'])
      const row = await state.knex('schedules').first()
      expect(row).to.include({ owner: 'demo', name: 'backup', last_outcome: 'success', timezone: 'UTC' })
    })

    it('runs once in a local hour that the clocks repeat', async () => {
      // 02:30 in Berlin came at 00:30 and again at 01:30 UTC.
      const time = new FakeTime('2026-10-25T00:00:00.000Z')
      const schedules = open(time)
      const { runs, schedule } = recorder(time, { cron: '30 2 * * *', timezone: 'Europe/Berlin' })
      schedules.add('demo', schedule)
      await schedules.start()
      await pass(time, 2 * hour)
      expect(runs.map(run => run.slice(0, 16))).to.deep.equal(['2026-10-25T00:30'])
    })

    it('makes up for runs missed in a downtime with one, or skips them', async () => {
      const time = new FakeTime('2026-03-01T09:58:30.000Z')
      for (const missed of ['run_once', 'skip'] as const) {
        const before = open(time)
        before.add('demo', recorder(time, { name: missed, missed }).schedule)
        await before.start()
        await before.stop()
      }
      time.jump('2026-03-02T00:10:00.000Z')
      const schedules = open(time)
      const once = recorder(time, { name: 'run_once', missed: 'run_once' })
      const skip = recorder(time, { name: 'skip', missed: 'skip' })
      schedules.add('demo', once.schedule)
      schedules.add('demo', skip.schedule)
      await schedules.start()
      expect(once.runs).to.have.length(1)
      expect(skip.runs).to.have.length(0)
      await pass(time, hour)
      expect(once.runs).to.have.length(2)
      expect(skip.runs).to.have.length(1)
    })

    it('goes on after the clock was set forwards and backwards', async () => {
      const time = new FakeTime('2026-03-01T09:30:00.000Z')
      const schedules = open(time)
      const { runs, schedule } = recorder(time, {})
      schedules.add('demo', schedule)
      await schedules.start()
      time.jump('2026-03-05T12:30:00.000Z')
      await pass(time, 2 * minute)
      expect(runs).to.have.length(1)
      time.jump('2026-03-01T09:30:00.000Z')
      await pass(time, hour)
      expect(runs).to.have.length(2)
    })

    it('runs in one of two processes of a host', async () => {
      const time = new FakeTime('2026-03-01T09:59:30.000Z')
      const all: string[] = []
      for (let process = 0; process < 2; process++) {
        const schedules = open(time)
        schedules.add('demo', recorder(time, { run: async () => void all.push(`${process}`) }).schedule)
        await schedules.start()
      }
      await pass(time, 2 * minute)
      await until(() => all.length > 0)
      expect(all).to.have.length(1)
    })

    it('wants the panel back for a check that failed, not only for the next regular time', async () => {
      const time = new FakeTime('2026-03-01T09:59:30.000Z')
      const schedules = open(time)
      const { runs, schedule } = recorder(time, {})
      schedules.add('demo', schedule)
      await schedules.start()
      await state.knex.schema.renameTable('schedules', 'schedules_away')
      await time.advance(30_000)
      await until(() => time.waiting.length > 0)
      expect(schedules.nextWake()?.toISOString()).to.equal('2026-03-01T10:01:00.000Z')
      await state.knex.schema.renameTable('schedules_away', 'schedules')
      await time.advance(minute)
      await until(() => runs.length > 0 && time.waiting.length > 0)
      expect(schedules.nextWake()?.toISOString()).to.equal('2026-03-01T11:00:00.000Z')
    })

    it('records a failing run, and a removed schedule leaves no timer', async () => {
      const time = new FakeTime('2026-03-01T09:59:30.000Z')
      const schedules = open(time)
      const dispose = schedules.add('demo', {
        ...recorder(time, {}).schedule,
        run: () => Promise.reject(new Error('no')),
      })
      await schedules.start()
      await time.advance(minute)
      await until(async () => (await state.knex('schedules').first())?.last_outcome === 'failure')
      await until(() => time.waiting.length > 0)
      dispose()
      expect(time.waiting).to.deep.equal([])
    })

    it('does not wait for ever for a run that does not heed its signal', async () => {
      const time = new FakeTime('2026-03-01T09:59:30.000Z')
      const schedules = open(time)
      const { schedule } = recorder(time, { run: () => new Promise(() => undefined) })
      schedules.add('demo', schedule)
      await schedules.start()
      await time.advance(minute)
      await until(async () => (await state.knex('schedules').first())?.last_run_at !== null)
      await until(() => time.waiting.length > 0)
      const stopped = schedules.stop()
      await until(() => time.waiting.includes(10_000))
      await time.advance(10_000)
      await stopped
      // It would wait once more.
      started.splice(0)
    })

    it('refuses an expression or a zone that does not exist, by name', async () => {
      const time = new FakeTime('2026-03-01T09:59:30.000Z')
      const schedules = open(time)
      const add = async (definition: Partial<ScheduleDefinition>) => {
        schedules.add('demo', recorder(time, definition).schedule)
      }
      expect(await refusal(add({ cron: '61 * * * *' }))).to.equal('schedule_invalid')
      expect(await refusal(add({ timezone: 'Mars/Olympus' }))).to.equal('schedule_invalid')
      expect(await refusal(add({ cron: '0 0 31 2 *' }))).to.equal('schedule_invalid')
      await add({})
      expect(await refusal(add({}))).to.equal('schedule_taken')
    })
  })
})
