import { defineJob, Joi, object } from '@nusantara/sdk'
import { expect } from 'chai'
import { accept, addUser, cli, describeEngine, until } from '../jobs/engine.fixture.js'
import { Schedules } from '../jobs/schedules.js'
import { Failures } from './failures.js'
import { Notifications } from './notifications.js'

interface Input {
  readonly fail: boolean
}

describeEngine('notifications of failures', engines => {
  const definition = defineJob<Input>({
    type: 'demo.work',
    version: 1,
    input: object<Input>({ fail: Joi.boolean().required() }),
  }).step('one', {
    onCrash: 'replay',
    async run({ input }) {
      if (input.fail) throw new Error('no')
      return null
    },
  })
  const setUp = async () => {
    const engine = await engines.engine()
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const failures = engine.container.resolve(Failures)
    failures.start()
    const inbox = engine.container.resolve(Notifications)
    const people = {
      ani: await addUser(engine.state, 'ani', ['user']),
      admin: await addUser(engine.state, 'ratna', ['admin']),
    }
    return { engine, failures, inbox, people }
  }

  it('tell who asked for a job, once a job, and nobody of what went well or of the command line', async () => {
    const { engine, failures, inbox, people } = await setUp()
    const { ani, admin } = people
    const run = async (fail: boolean, actor: typeof ani) =>
      engine.settled(
        await accept(engine, definition, { fail }, {
          request: { actor, operation: 'demo.work', dryRun: false },
        } as never),
      )
    await run(false, admin)
    await run(true, cli)
    const { id } = await run(true, admin)
    await until(async () => (await inbox.list(admin, { limit: 9 })).total === 1)
    const [told] = (await inbox.list(admin, { limit: 9 })).items
    expect(told).to.include({ code: 'notification.job_failed', severity: 'warning', link: `/jobs/${id}` })
    expect((await inbox.list(ani, { limit: 9 })).items).to.deep.equal([])
    failures.stop()
    await run(true, admin)
    expect((await inbox.list(admin, { limit: 9 })).total).to.equal(1)
  })

  it('tell administrators of a scheduled run, which can be run at once', async () => {
    const { engine, failures, inbox, people } = await setUp()
    const schedules = engine.container.resolve(Schedules)
    let release = () => {}
    const end = schedules.add('demo', {
      name: 'nightly',
      cron: '0 3 * * *',
      missed: 'skip',
      run: () =>
        new Promise((_done, fail) => {
          release = () => fail(new Error('disk full'))
        }),
    })
    const code = (promise: Promise<void>) =>
      promise.then(
        () => 'ok',
        error => error.code,
      )
    expect(await code(schedules.runNow('demo', 'nightly'))).to.equal('schedule_not_found')
    await schedules.start()
    expect(await code(schedules.runNow('demo', 'absent'))).to.equal('schedule_not_found')
    expect(await code(schedules.runNow('demo', 'nightly'))).to.equal('ok')
    expect(await code(schedules.runNow('demo', 'nightly'))).to.equal('schedule_running')
    release()
    await until(async () => (await inbox.list(people.admin, { limit: 9 })).total === 1)
    const [told] = (await inbox.list(people.admin, { limit: 9 })).items
    expect(told).to.deep.include({ code: 'notification.schedule_failed', params: { owner: 'demo', name: 'nightly' } })
    const row = await engine.state.knex('schedules').where({ name: 'nightly' }).first()
    expect(row.last_outcome).to.equal('failure')
    await schedules.stop()
    failures.stop()
    end()
  })
})
