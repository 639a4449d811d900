import { defineJob, Joi, object, type Schema, systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import { Catalogues } from '../i18n/catalogues.js'
import { Clock } from '../state/clock.js'
import { accept, describeEngine, until } from './engine.fixture.js'
import { JobControl } from './job-control.js'
import { JobLog } from './job-log.js'
import type { LogRow } from './job-row.js'
import { JobViews } from './job-view.js'
import { RunnerSettings } from './runner-settings.js'
import { Timers } from './timers.js'

interface Input {
  readonly n: number
}
const schema: Schema<Input> = object<Input>({ n: Joi.number().required() })

describeEngine('log and progress of jobs', engines => {
  it('a log ends at its bound with a line that says so, and stays ended when another process goes on', async () => {
    const engine = await engines.engine({ settings: { logBytes: 1024, drainMs: 0 } })
    const gate = Promise.withResolvers<void>()
    let runs = 0
    const definition = defineJob<Input>({ type: 'demo.chatty', version: 1, input: schema }).step('talk', {
      onCrash: 'replay',
      async run({ log, signal }) {
        runs++
        for (let n = 0; n < 100; n++) log(`line ${n} ${'x'.repeat(90)}`)
        if (runs > 1) return
        signal.addEventListener('abort', () => gate.reject(signal.reason))
        await gate.promise
      },
    })
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const id = await accept(engine, definition, { n: 1 })
    await until(async () => (await engine.log(id)).length > 0)
    await engine.jobs.stop()
    const first = await engine.log(id)
    expect(first.length).to.equal(11)
    expect(first.at(-1)).to.match(/^log truncated: it reached 1 KiB/)
    const second = await engines.second({ settings: { logBytes: 1024 } })
    second.jobs.define('demo', definition, undefined)
    await second.jobs.start()
    expect((await second.settled(id)).state).to.equal('succeeded')
    expect(runs).to.equal(2)
    expect(await second.log(id)).to.deep.equal(first)
  })

  it('a job that is tried again has room for its new log', async () => {
    const engine = await engines.engine({ settings: { logBytes: 200 } })
    let runs = 0
    const definition = defineJob<Input>({ type: 'demo.again', version: 1, input: schema }).step('talk', {
      onCrash: 'replay',
      async run({ log }) {
        for (let n = 0; n < 50; n++) log(`run ${runs} line ${n}`)
        if (runs++ === 0) throw new Error('not yet')
      },
    })
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const id = await accept(engine, definition, { n: 1 })
    await engine.settled(id, 'failed')
    await engine.container.resolve(JobControl).retry(await engine.job(id), systemActor('demo'))
    await engine.settled(id, 'succeeded')
    const lines = await engine.log(id)
    expect(lines[0]).to.equal('run 1 line 0')
    expect(lines.filter(line => line.startsWith('log truncated'))).to.have.length(1)
  })

  it('holds no more than its bound while the store is away', async () => {
    let away = true
    let kept = 0
    const store = {
      logEnd: async () => {
        if (away) throw new Error('away')
        return { seq: 0, bytes: 0, truncated: false }
      },
      insertLog: async (rows: readonly LogRow[]) => {
        kept += rows.length
      },
    }
    const settings = Object.assign(new RunnerSettings(), { logBytes: 1000 })
    const parts = { store, events: { publish: () => undefined }, clock: new Clock(), timers: new Timers(), settings }
    const log = new JobLog(parts as never, { id: 'j' } as never)
    for (let n = 0; n < 50; n++) {
      log.line('one', 'x'.repeat(100))
      await log.flush().catch(() => undefined)
    }
    away = false
    settings.logBytes = 1_000_000
    await log.close()
    expect(kept).to.equal(11)
  })

  it('keeps a step’s progress: while it runs, after it ended, and not beyond a new attempt', async () => {
    const engine = await engines.engine({ settings: { progressMs: 10 } })
    const gate = Promise.withResolvers<void>()
    const definition = defineJob<Input>({ type: 'demo.far', version: 1, input: schema, secrets: [] })
      .step('go', {
        onCrash: 'replay',
        async run({ progress }) {
          progress(0.25, { code: 'demo.copying', params: { file: 'a' } })
          await gate.promise
          progress(7)
        },
      })
      .step('silent', { onCrash: 'replay', run: async () => null })
    engine.jobs.define('demo', definition, undefined)
    engine.container.resolve(Catalogues).add('demo', 'en', { 'demo.copying': 'Copying {file}' })
    const told: unknown[] = []
    engine.live.listen(({ data }) => {
      const { kind, ...event } = JSON.parse(data)
      if (kind === 'progress') told.push(event)
    })
    await engine.jobs.start()
    const id = await accept(engine, definition, { n: 1 })
    const shown = async () => {
      const views = engine.container.resolve(JobViews)
      return views.detail(await engine.job(id), await engine.steps(id), 'en').steps?.[0]
    }
    await until(async () => (await shown())?.progress === 0.25)
    expect((await shown())?.progressMessage?.text).to.equal('Copying a')
    gate.resolve()
    await engine.settled(id)
    expect((await shown())?.progress).to.equal(1)
    expect((await shown())?.progressMessage).to.equal(null)
    expect((await engine.steps(id))[1]?.progress).to.equal(null)
    expect(told).to.deep.equal([
      { step: 'go', progress: 0.25, message: { code: 'demo.copying', params: { file: 'a' } } },
      { step: 'go', progress: 1 },
    ])
  })
})
