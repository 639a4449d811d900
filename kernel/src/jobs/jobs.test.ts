import { defineJob, defineProblem, Joi, newId, object, type Schema } from '@nusantara/sdk'
import { expect } from 'chai'
import { cli, describeEngine, type Engine, refusal, accept as submit, until } from './engine.fixture.js'

interface Input {
  name: string
  password?: string
}
const schema: Schema<Input> = object<Input>({ name: Joi.string().required(), password: Joi.string() })
const Refused = defineProblem<{ name: string }>('demo.refused', 409)

type Trace = string[]
const trace = (name: string, behaviour: Partial<Record<'run' | 'undo', () => unknown>> = {}) => ({
  onCrash: 'replay' as const,
  async run({ deps }: { deps: Trace }) {
    deps.push(`run ${name}`)
    return (await behaviour.run?.()) ?? name
  },
  async undo({ deps }: { deps: Trace }) {
    deps.push(`undo ${name}`)
    await behaviour.undo?.()
  },
})

describeEngine('jobs', engines => {
  let engine: Engine
  const deps: Trace = []
  const accept = (definition: never, input: unknown = { name: 'x' }) => submit(engine, definition, input as never)
  beforeEach(async () => {
    deps.length = 0
    engine = await engines.engine()
  })

  it('runs the steps in order, with earlier results, and settles in one transaction', async () => {
    const outcomes: unknown[] = []
    const job = defineJob<Input, Trace>({ type: 'demo.ok', version: 1, input: schema })
      .step('one', trace('one', { run: () => ({ id: 7 }) }))
      .step('two', {
        onCrash: 'replay',
        async run({ done, deps, log, job }) {
          log('hello \u001b[31mred\u001b[0m')
          deps.push(`two saw ${JSON.stringify(done)} attempt ${job.attempt}`)
        },
      })
      .settled(async (trx, { outcome, input }) => {
        outcomes.push([outcome.state, input.name, (await trx('jobs').first('state')).state])
      })
    engine.jobs.define('demo', job, deps)
    await engine.jobs.start()
    const events: unknown[] = []
    engine.live.listen(event => events.push([event.topic, JSON.parse(event.data).kind]))
    const finished: string[] = []
    engine.jobs.onFinished(({ id, state }) => void finished.push(`${id} ${state}`))
    const id = await accept(job as never)
    expect((await engine.settled(id)).state).to.equal('succeeded')
    expect(deps).to.deep.equal(['run one', 'two saw {"one":{"id":7}} attempt 1'])
    expect(outcomes).to.deep.equal([['succeeded', 'x', 'succeeded']])
    expect(await engine.log(id)).to.deep.equal(['hello red'])
    await until(() => finished.length === 1)
    expect(finished).to.deep.equal([`${id} succeeded`])
    expect(events).to.deep.include([`job:${id}`, 'log'])
    expect(events).to.deep.include([`job:${id}`, 'step'])
    const audit: { action: string }[] = await engine.state.knex('audit_entries').orderBy('seq')
    expect(audit.map(entry => entry.action)).to.deep.equal(['demo.ok', 'jobs.finished'])
  })

  it('tells who looks at its resource that it ended', async () => {
    const job = defineJob<Input, Trace>({ type: 'demo.touch', version: 1, input: schema }).step('one', trace('one'))
    engine.jobs.define('demo', job, deps)
    await engine.jobs.start()
    const at = new Date().toISOString()
    const [account, resource] = [newId(), newId()]
    await engine.state.knex('accounts').insert({ id: account, name: 'own', created_at: at })
    await engine.state
      .knex('resources')
      .insert({ id: resource, type: 'thing', account_id: account, parent_id: null, created_at: at })
    const topics: string[] = []
    engine.live.listen(({ topic }) => topics.push(topic))
    await submit(engine, job, { name: 'x' }, { resourceId: resource })
    await until(() => topics.includes(`resource:thing:${resource}`))
  })

  it('undoes in reverse, the failed step included, and stores why', async () => {
    const job = defineJob<Input, Trace>({ type: 'demo.bad', version: 1, input: schema })
      .step('one', trace('one'))
      .step('two', { onCrash: 'replay', run: async () => null })
      .step('three', trace('three', { run: () => Promise.reject(Refused({ name: 'x' })) }))
      .step('four', trace('four'))
    engine.jobs.define('demo', job, deps)
    await engine.jobs.start()
    const id = await accept(job as never)
    const row = await engine.settled(id)
    expect(row.state).to.equal('failed')
    expect(JSON.parse(row.problem ?? '')).to.deep.equal({ code: 'demo.refused', params: { name: 'x' } })
    expect(deps).to.deep.equal(['run one', 'run three', 'undo three', 'undo one'])
    const steps = await engine.steps(id)
    expect(steps.map(step => step.state)).to.deep.equal(['undone', 'succeeded', 'undone', 'pending'])
  })

  it('is unknown when a step cannot be taken back', async () => {
    const job = defineJob<Input, Trace>({ type: 'demo.stuck', version: 1, input: schema })
      .step('one', trace('one', { undo: () => Promise.reject(new Error('no way')) }))
      .step('two', trace('two', { run: () => Promise.reject(new Error('broken')) }))
    engine.jobs.define('demo', job, deps)
    await engine.jobs.start()
    const row = await engine.settled(await accept(job as never))
    expect(row.state).to.equal('unknown')
    expect(JSON.parse(row.problem ?? '').code).to.equal('undo_failed')
    expect(deps.filter(line => line === 'undo one')).to.have.length(5)
  })

  it('keeps secrets out of rows, log, problem and audit', async () => {
    const job = defineJob<Input, Trace>({ type: 'demo.secret', version: 1, input: schema, secrets: ['password'] }).step(
      'one',
      {
        onCrash: 'replay',
        async run({ input, log }) {
          log(`the password is ${input.password}`)
          throw new Error(`bad ${input.password}`)
        },
      },
    )
    engine.jobs.define('demo', job, deps)
    await engine.jobs.start()
    const id = await accept(job as never, { name: 'x', password: 'correct horse' })
    await engine.settled(id)
    const tables = ['jobs', 'job_steps', 'job_log', 'audit_entries'] as const
    for (const table of tables) {
      expect(JSON.stringify(await engine.state.knex(table).select()), table).not.to.contain('correct horse')
    }
    expect(await engine.log(id)).to.include('the password is •••')
  })

  it('refuses an input that does not fit, naming the field, and queues nothing', async () => {
    const job = defineJob<Input, Trace>({ type: 'demo.input', version: 1, input: schema }).step('one', trace('one'))
    engine.jobs.define('demo', job, deps)
    expect(await refusal(accept(job as never, { name: 7 }))).to.equal('invalid_input')
    expect(await refusal(accept(job as never, { name: 'x', extensions: {} }))).to.equal('invalid_input')
    expect(await engine.state.knex('jobs').select()).to.have.length(0)
  })

  it('queues nothing when the owner cannot write its rows', async () => {
    const job = defineJob<Input, Trace>({ type: 'demo.rows', version: 1, input: schema }).step('one', trace('one'))
    engine.jobs.define('demo', job, deps)
    const insert = () => Promise.reject(Refused({ name: 'x' }))
    const submission = engine.jobs.submit('demo', job, { name: 'x' }, { request: { actor: cli }, insert })
    expect(await refusal(submission)).to.equal('demo.refused')
    expect(await engine.state.knex('jobs').select()).to.have.length(0)
    expect(await engine.state.knex('audit_entries').select()).to.have.length(0)
  })

  it('waits queued while its type is not defined, and runs when it is', async () => {
    const job = defineJob<Input, Trace>({ type: 'demo.later', version: 1, input: schema }).step('one', trace('one'))
    const dispose = engine.jobs.define('demo', job, deps)
    const id = await accept(job as never)
    dispose()
    await engine.jobs.start()
    const other = defineJob<Input, Trace>({ type: 'demo.other', version: 1, input: schema }).step('o', trace('o'))
    engine.jobs.define('demo', other, deps)
    await engine.settled(await accept(other as never))
    expect((await engine.job(id)).state).to.equal('queued')
    expect(await refusal(accept(job as never))).to.equal('job_type_unknown')
    engine.jobs.define('demo', job, deps)
    expect((await engine.settled(id)).state).to.equal('succeeded')
  })
})
