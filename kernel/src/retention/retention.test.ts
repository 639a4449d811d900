import { defineJob, Joi, newId, object, reveal, type Schema, systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import { accept, cli, describeEngine, type Engine, FakeTime, refusal } from '../jobs/engine.fixture.js'
import { JobControl } from '../jobs/job-control.js'
import { RunnerSettings } from '../jobs/runner-settings.js'
import { Schedules } from '../jobs/schedules.js'
import { Notifications } from '../notifications/notifications.js'
import type { KernelValues } from '../settings/kernel-settings.js'
import { Settings } from '../settings/settings.js'
import { Retention } from './retention.js'

interface Input {
  readonly n: number
}
const schema: Schema<Input> = object<Input>({ n: Joi.number().required() })
const day = 86_400_000
const values: KernelValues = { jobDays: 90, jobsKept: 20_000, jobLogKib: 4096, eventDays: 30, notificationDays: 30 }

describeEngine('retention', engines => {
  const definition = defineJob<Input>({ type: 'demo.work', version: 1, input: schema }).step('one', {
    onCrash: 'replay',
    async run({ input, log }) {
      log('a line')
      if (input.n < 0) throw new Error('no')
      return input.n === 7 ? { password: reveal('s3cret') } : null
    },
  })
  const setUp = async () => {
    const time = new FakeTime('2026-03-01T10:00:00.000Z')
    const engine = await engines.engine({ clock: time, settings: { logFlushMs: 0 } })
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const retention = engine.container.resolve(Retention)
    const prune = (more: Partial<KernelValues> = {}) => retention.prune({ ...values, ...more })
    const run = async (n: number, options = {}) => {
      const id = await accept(engine, definition, { n }, options)
      await engine.settled(id)
      return id
    }
    return { time, engine, retention, prune, run }
  }
  const ids = async (engine: Engine) => (await engine.state.knex('jobs').orderBy('id')).map(row => row.id)
  const count = async (engine: Engine, table: string) => (await engine.state.knex(table)).length

  it('takes out jobs that ended long ago, with steps and log, and says so in the audit log', async () => {
    const { time, engine, prune, run } = await setUp()
    await run(1)
    await run(2)
    await time.advance(89 * day)
    const young = await run(3)
    await time.advance(2 * day)
    await prune()
    expect(await ids(engine)).to.deep.equal([young])
    expect([await count(engine, 'job_steps'), await count(engine, 'job_log')]).to.deep.equal([1, 1])
    const [entry] = await engine.state.knex('audit_entries').where({ action: 'retention.pruned' })
    expect(JSON.parse(entry.body).params).to.include({ jobs: 2, trimmedJobs: 0 })
    await prune()
    expect(await engine.state.knex('audit_entries').where({ action: 'retention.pruned' })).to.have.length(1)
  })

  it('keeps no more than the newest so many', async () => {
    const { engine, prune, run } = await setUp()
    const made: string[] = []
    for (let n = 0; n < 8; n++) made.push(await run(n === 7 ? 70 : n))
    await prune({ jobsKept: 3 })
    expect(await ids(engine)).to.deep.equal(made.slice(-3))
  })

  it('leaves alone what waits, runs, or is in doubt, however old', async () => {
    const { time, engine, prune, run } = await setUp()
    const doubted = await run(1)
    await engine.state.knex('jobs').where({ id: doubted }).update({ state: 'unknown' })
    const queued = await accept(engine, definition, { n: 2 }, { notBefore: time.now().getTime() + 400 * day })
    await time.advance(200 * day)
    await prune({ jobsKept: 100 })
    expect(await ids(engine)).to.deep.equal([doubted, queued])
  })

  it('keeps a sealed result for its ten minutes and an idempotency key for its day', async () => {
    const { time, engine, prune, run } = await setUp()
    const sealed = await run(7)
    const request = { actor: cli, operation: 'demo.work', idempotencyKey: 'k', dryRun: false }
    const keyed = await run(1, { request })
    for (let n = 0; n < 3; n++) await run(100 + n)
    const few = { jobsKept: 1 }
    await prune(few)
    expect(await ids(engine))
      .to.include.members([sealed, keyed])
      .and.to.have.length(3)
    await time.advance(10 * 60_000)
    await prune(few)
    expect(await ids(engine)).not.to.include(sealed)
    expect(await accept(engine, definition, { n: 1 }, { request } as never)).to.equal(keyed)
    await time.advance(day)
    await prune(few)
    expect(await ids(engine)).not.to.include(keyed)
  })

  it('keeps a job that the history of changes names, without its log, and only as long as it does', async () => {
    const { time, engine, prune, run } = await setUp()
    const named = await run(-1)
    const row = { id: newId(), change_id: 'c', plugin: 'demo', change: 'file', state: 'active', batch: 1, actor: '{}' }
    await engine.state.knex('changes').insert({ ...row, job_id: named, at: time.now().toISOString() })
    await time.advance(100 * day)
    await prune()
    expect(await ids(engine)).to.deep.equal([named])
    expect([await count(engine, 'job_steps'), await count(engine, 'job_log')]).to.deep.equal([1, 0])
    // What is kept of it is enough to try it again.
    await engine.container.resolve(JobControl).retry(await engine.job(named), systemActor('demo'))
    expect((await engine.settled(named)).state).to.equal('failed')
    expect(await engine.log(named)).to.include('a line')
    await time.advance(100 * day)
    await prune()
    expect(await engine.log(named)).to.deep.equal([])
    await engine.state.knex('changes').delete()
    await time.advance(100 * day)
    await prune()
    expect(await ids(engine)).to.deep.equal([])
  })

  it('drops notifications that were read, after a while, and what nobody read after a year', async () => {
    const { time, engine, prune } = await setUp()
    const inbox = engine.container.resolve(Notifications)
    const tell = (code: string) =>
      inbox.notify('demo', { code, severity: 'info', target: 'administrators', dedupeKey: code })
    await tell('read')
    await inbox.markAllRead(cli)
    await tell('unread')
    const codes = async () => (await inbox.list(cli, { limit: 10 })).items.map(item => item.code).sort()
    await time.advance(29 * day)
    await prune()
    expect(await codes()).to.deep.equal(['read', 'unread'])
    await time.advance(2 * day)
    await prune()
    expect(await codes()).to.deep.equal(['unread'])
    await time.advance(340 * day)
    await prune()
    expect(await codes()).to.deep.equal([])
  })

  it('offers its bounds as settings of the kernel, and runs by schedule', async () => {
    const { engine, retention } = await setUp()
    const settings = engine.container.resolve(Settings)
    settings.env = { NUSA_KERNEL_JOB_LOG_KIB: '64' }
    await retention.start()
    expect(engine.container.resolve(RunnerSettings).logBytes).to.equal(64 * 1024)
    expect(engine.container.resolve(Schedules).next('kernel', 'retention')?.getUTCMinutes()).to.equal(23)
    const [view] = await settings.list()
    expect(view?.values).to.deep.equal({ ...values, jobLogKib: 64 })
    retention.stop()
    settings.env = { NUSA_KERNEL_JOB_DAYS: '0' }
    expect(await refusal(retention.start())).to.equal('setting_invalid')
    retention.stop()
  })
})
