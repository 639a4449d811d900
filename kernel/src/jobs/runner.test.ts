import { defineJob, type JobDefinition, Joi, object, type Schema, systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import { BrokerUnavailable } from '../broker/errors.js'
import { accept, addUser, describeEngine, type Engine, refusal, until } from './engine.fixture.js'
import { JobControl } from './job-control.js'
import { JobStore } from './job-store.js'

interface Input {
  readonly key: string
  readonly n: number
}
const schema: Schema<Input> = object<Input>({ key: Joi.string().required(), n: Joi.number().required() })
const noop = { onCrash: 'replay' as const, run: async () => null }

/** A job whose only step waits until the test lets it go. */
function gated(type = 'demo.gated', options: Partial<JobDefinition<Input, undefined>['options']> = {}) {
  const gates = new Map<number, PromiseWithResolvers<void>>()
  const begun: number[] = []
  const undone: number[] = []
  const gate = (n: number) => {
    const known = gates.get(n) ?? Promise.withResolvers<void>()
    gates.set(n, known)
    return known
  }
  const definition = defineJob<Input>({ type, version: 1, input: schema, concurrency: i => [i.key], ...options })
    .step('wait', {
      onCrash: 'replay',
      async run({ input, signal }) {
        begun.push(input.n)
        const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        await Promise.race([gate(input.n).promise, aborted])
      },
      undo: async ({ input }) => void undone.push(input.n),
    })
    .step('after', noop)
  return { definition, begun, undone, open: (n: number) => gate(n).resolve() }
}

describeEngine('job runner', engines => {
  const cancel = async (engine: Engine, id: string) => {
    await engine.container.resolve(JobControl).cancel(await engine.job(id), systemActor('demo'))
  }

  it('runs jobs of different keys side by side and those of one key one after another, first in first out', async () => {
    const engine = await engines.engine()
    const { definition, begun, open } = gated()
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const ids: string[] = []
    for (let n = 0; n < 3; n++) ids.push(await accept(engine, definition, { key: 'same', n }))
    for (let n = 3; n < 6; n++) ids.push(await accept(engine, definition, { key: `other ${n}`, n }))
    await until(() => begun.length === 4)
    expect([...begun].sort()).to.deep.equal([0, 3, 4, 5])
    for (const n of [3, 4, 5, 2, 1]) open(n)
    open(0)
    for (const id of ids) expect((await engine.settled(id)).state).to.equal('succeeded')
    expect(begun.slice(4)).to.deep.equal([1, 2])
    expect(await engine.state.knex('job_keys').select()).to.have.length(0)
  })

  it('cancels a queued job before its first step, also behind a key', async () => {
    const engine = await engines.engine()
    const { definition, begun, undone, open } = gated()
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const first = await accept(engine, definition, { key: 'k', n: 0 })
    const second = await accept(engine, definition, { key: 'k', n: 1 })
    await until(() => begun.length === 1)
    await cancel(engine, second)
    expect((await engine.settled(second)).state).to.equal('cancelled')
    expect(begun).to.deep.equal([0])
    open(0)
    await engine.settled(first)
    expect(undone).to.deep.equal([])
    expect(await refusal(cancel(engine, first))).to.equal('job_not_cancellable')
  })

  it('cancels a running job by its signal and takes it back', async () => {
    const engine = await engines.engine()
    const { definition, begun, undone } = gated()
    const outcomes: string[] = []
    engine.jobs.define(
      'demo',
      definition.settled(async (_, { outcome }) => void outcomes.push(outcome.state)),
      undefined,
    )
    await engine.jobs.start()
    const id = await accept(engine, definition, { key: 'k', n: 0 })
    await until(() => begun.length === 1)
    await cancel(engine, id)
    expect((await engine.settled(id)).state).to.equal('cancelled')
    expect(undone).to.deep.equal([0])
    expect(outcomes).to.deep.equal(['cancelled'])
    await engine.container.resolve(JobControl).retry(await engine.job(id), systemActor('demo'))
    await until(() => begun.length === 2)
    await cancel(engine, id)
    await engine.settled(id)
  })

  it('takes back a job that takes too long, and doubts a step that does not end', async () => {
    const engine = await engines.engine({ settings: { graceMs: 20 } })
    const slow = gated('demo.slow', { timeout: '30ms' })
    const deaf = defineJob<Input>({ type: 'demo.deaf', version: 1, input: schema, timeout: '30ms' }).step('deaf', {
      onCrash: 'replay',
      run: () => new Promise(() => {}),
    })
    engine.jobs.define('demo', slow.definition, undefined)
    engine.jobs.define('demo', deaf, undefined)
    await engine.jobs.start()
    const row = await engine.settled(await accept(engine, slow.definition, { key: 'k', n: 0 }))
    expect([row.state, JSON.parse(row.problem ?? '').code]).to.deep.equal(['failed', 'job_timeout'])
    expect(slow.undone).to.deep.equal([0])
    const stuck = await engine.settled(await accept(engine, deaf, { key: 'k', n: 1 }))
    expect([stuck.state, JSON.parse(stuck.problem ?? '').code]).to.deep.equal(['unknown', 'step_stuck'])
    await cancel(engine, stuck.id)
    expect((await engine.settled(stuck.id)).state).to.equal('cancelled')
  })

  it('gives the way back its own time: a timeout during it does not disturb it', async () => {
    const engine = await engines.engine({ settings: { graceMs: 20 } })
    let disturbed: boolean | undefined
    const definition = defineJob<Input>({ type: 'demo.slowback', version: 1, input: schema, timeout: '2s' })
      .step('one', {
        onCrash: 'replay',
        run: () => new Promise(resolve => setTimeout(resolve, 700)),
        async undo({ signal }) {
          // Beyond what was left of the job's time, within its own.
          await new Promise(resolve => setTimeout(resolve, 1600))
          disturbed = signal.aborted
        },
      })
      .step('two', { onCrash: 'replay', run: () => Promise.reject(new Error('no')) })
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const row = await engine.settled(await accept(engine, definition, { key: 'k', n: 0 }))
    expect([row.state, JSON.parse(row.problem ?? '').code]).to.deep.equal(['failed', 'step_failed'])
    expect(disturbed).to.equal(false)
  })

  it('retries a step, its attempts counted up', async () => {
    const engine = await engines.engine({ settings: { random: () => 1, retryBaseMs: 2, retryMaxMs: 5 } })
    const attempts: number[] = []
    const definition = defineJob<Input>({ type: 'demo.retry', version: 1, input: schema }).step('one', {
      onCrash: 'replay',
      retries: 3,
      async run({ job }) {
        attempts.push(job.attempt)
        if (attempts.length < 4) throw new Error('not yet')
      },
    })
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    expect((await engine.settled(await accept(engine, definition, { key: 'k', n: 0 }))).state).to.equal('succeeded')
    expect(attempts).to.deep.equal([1, 2, 3, 4])
  })

  it('rides over a restart of the broker, in steps that may be replayed', async () => {
    const engine = await engines.engine({ settings: { retryBaseMs: 2, retryMaxMs: 5 } })
    const tried = { replay: 0, compensate: 0 }
    const meeting = (onCrash: 'replay' | 'compensate') =>
      defineJob<Input>({ type: `demo.${onCrash}`, version: 1, input: schema }).step('one', {
        onCrash,
        async run() {
          if (++tried[onCrash] < 3) throw BrokerUnavailable({ socket: '/nowhere' })
        },
      })
    const replayed = meeting('replay')
    const compensated = meeting('compensate')
    engine.jobs.define('demo', replayed, undefined)
    engine.jobs.define('demo', compensated, undefined)
    await engine.jobs.start()
    const states = [replayed, compensated].map(
      async each => (await engine.settled(await accept(engine, each, { key: each.options.type, n: 0 }))).state,
    )
    expect(await Promise.all(states)).to.deep.equal(['succeeded', 'failed'])
    expect(tried).to.deep.equal({ replay: 3, compensate: 1 })
  })

  describe('a job whose outcome is in doubt', () => {
    /** The second step fails; the first one's undo works only once `mended`. */
    const doubtful = () => {
      const world = { mended: false, trace: [] as string[] }
      const note = (line: string) => void world.trace.push(line)
      const refuse = () => {
        if (!world.mended) throw new Error('no way')
      }
      const definition = defineJob<Input>({ type: 'demo.doubt', version: 1, input: schema, concurrency: i => [i.key] })
        .step('zero', { onCrash: 'replay', run: async () => note('zero'), undo: async () => note('undo zero') })
        .step('one', {
          onCrash: 'replay',
          run: async ({ stepId }) => note(`one ${stepId}`),
          async undo() {
            refuse()
            note('undo one')
          },
        })
        .step('two', {
          onCrash: 'replay',
          async run() {
            refuse()
            note('two')
          },
          undo: async () => note('undo two'),
        })
      return { world, definition }
    }
    const begin = async () => {
      const engine = await engines.engine({ settings: { retryBaseMs: 1, retryMaxMs: 2 } })
      const { world, definition } = doubtful()
      engine.jobs.define('demo', definition, undefined)
      await engine.jobs.start()
      const id = await accept(engine, definition, { key: 'k', n: 0 })
      const row = await engine.settled(id)
      expect([row.state, JSON.parse(row.problem ?? '').code]).to.deep.equal(['unknown', 'undo_failed'])
      return { engine, world, id, before: await engine.steps(id), definition }
    }

    it('can be cancelled: what is left is taken back, nothing twice', async () => {
      const { engine, world, id } = await begin()
      world.mended = true
      world.trace.length = 0
      await cancel(engine, id)
      expect((await engine.settled(id)).state).to.equal('cancelled')
      expect(world.trace).to.deep.equal(['undo one', 'undo zero'])
    })

    it('can be tried again: what could not be taken back is asked for by its old id, what was taken back runs anew', async () => {
      const { engine, world, id, before } = await begin()
      world.mended = true
      world.trace.length = 0
      await engine.container.resolve(JobControl).retry(await engine.job(id), systemActor('demo'))
      expect((await engine.settled(id)).state).to.equal('succeeded')
      const steps = await engine.steps(id)
      expect(steps.map(step => [step.name, step.state])).to.deep.equal([
        ['zero', 'succeeded'],
        ['one', 'succeeded'],
        ['two', 'succeeded'],
      ])
      expect(steps[1]?.id).to.equal(before[1]?.id)
      expect(steps[2]?.id).not.to.equal(before[2]?.id)
      expect(world.trace.filter(line => line === 'zero')).to.have.length(0)
      expect(world.trace).to.include(`one ${steps[1]?.id}`).and.to.include('two')
    })

    it('keeps nobody waiting for its keys meanwhile, and waits itself for who has them now', async () => {
      const { engine, world, id, definition } = await begin()
      world.mended = true
      const next = await accept(engine, definition, { key: 'k', n: 1 })
      expect((await engine.settled(next)).state).to.equal('succeeded')
      await cancel(engine, id)
      expect((await engine.settled(id)).state).to.equal('cancelled')
    })

    it('goes on being taken back after the process died in the middle of it', async () => {
      const { engine, world, id, definition } = await begin()
      await engine.jobs.stop()
      await cancel(engine, id)
      // As a process leaves it that dies while it takes the step back.
      await engine.state.knex('jobs').where({ id }).update({ state: 'running', runner_id: 'gone', lease_until: null })
      world.mended = true
      world.trace.length = 0
      const second = await engines.second()
      second.jobs.define('demo', definition, undefined)
      await second.jobs.start()
      expect((await second.settled(id)).state).to.equal('cancelled')
      expect(world.trace).to.deep.equal(['undo one', 'undo zero'])
    })
  })

  it('drains: a running step ends, the rest is left queued and goes on at the next start', async () => {
    const engine = await engines.engine()
    const { definition, begun, open } = gated()
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const id = await accept(engine, definition, { key: 'k', n: 0 })
    await until(() => begun.length === 1)
    const stopped = engine.jobs.stop()
    open(0)
    await stopped
    expect((await engine.job(id)).state).to.equal('queued')
    expect((await engine.steps(id)).map(step => step.state)).to.deep.equal(['succeeded', 'pending'])
    const next = await engines.second()
    next.jobs.define('demo', definition, undefined)
    await next.jobs.start()
    expect((await next.settled(id)).state).to.equal('succeeded')
    expect(begun).to.deep.equal([0])
  })

  it('drains: a step that does not end in time is told to, and runs again at the next start', async () => {
    const engine = await engines.engine({ settings: { drainMs: 20 } })
    const { definition, begun, open } = gated()
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const id = await accept(engine, definition, { key: 'k', n: 0 })
    await until(() => begun.length === 1)
    await engine.jobs.stop()
    expect((await engine.job(id)).state).to.equal('queued')
    open(0)
    const next = await engines.second()
    next.jobs.define('demo', definition, undefined)
    await next.jobs.start()
    expect((await next.settled(id)).state).to.equal('succeeded')
    expect((await next.steps(id))[0]?.attempt).to.equal(2)
  })

  it('runs a job at its time', async () => {
    const engine = await engines.engine()
    const definition = defineJob<Input>({ type: 'demo.later', version: 1, input: schema }).step('one', noop)
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const notBefore = Date.now() + 150
    const id = await accept(engine, definition, { key: 'k', n: 0 }, { notBefore })
    expect((await engine.settled(id)).state).to.equal('succeeded')
    expect(Date.now()).to.be.at.least(notBefore)
  })

  it('refuses when it runs what its actor may not do any more', async () => {
    const engine = await engines.engine()
    const definition = defineJob<Input>({ type: 'demo.mine', version: 1, input: schema }).step('one', noop)
    engine.jobs.define('demo', definition, undefined)
    const actor = await addUser(engine.state, 'siti')
    const first = await accept(engine, definition, { key: 'k', n: 0 }, { request: { actor } })
    await engine.state.knex('users').update({ disabled: 1 })
    await engine.jobs.start()
    const row = await engine.settled(first)
    expect([row.state, JSON.parse(row.problem ?? '').code]).to.deep.equal(['failed', 'job_actor_refused'])
    await engine.state.knex('users').update({ disabled: 0 })
    await engine.jobs.stop()
    const second = await accept(engine, definition, { key: 'k', n: 0 }, { request: { actor } })
    await engine.state.knex('jobs').where({ id: second }).update({ permission: 'demo:write' })
    await engine.jobs.start()
    const lost = await engine.settled(second)
    expect([lost.state, JSON.parse(lost.problem ?? '').code]).to.deep.equal(['failed', 'forbidden'])
  })

  it('keeps a job through a failing settlement, and doubts it when that goes on', async () => {
    const engine = await engines.engine({ settings: { retryBaseMs: 1, retryMaxMs: 2 } })
    let failures = 0
    const make = (type: string, times: number) =>
      defineJob<Input>({ type, version: 1, input: schema })
        .step('one', noop)
        .settled(async () => {
          if (failures++ < times) throw new Error('the row is gone')
        })
    const once = make('demo.once', 1)
    const always = make('demo.always', 100)
    engine.jobs.define('demo', once, undefined)
    engine.jobs.define('demo', always, undefined)
    await engine.jobs.start()
    expect((await engine.settled(await accept(engine, once, { key: 'k', n: 0 }))).state).to.equal('succeeded')
    const row = await engine.settled(await accept(engine, always, { key: 'k', n: 0 }))
    expect([row.state, JSON.parse(row.problem ?? '').code]).to.deep.equal(['unknown', 'settle_failed'])
  })

  it('an outage of the store does not count against the owner of a settlement', async () => {
    const engine = await engines.engine({ settings: { retryBaseMs: 1, retryMaxMs: 2 } })
    let calls = 0
    const definition = defineJob<Input>({ type: 'demo.away', version: 1, input: schema })
      .step('one', noop)
      .settled(async () => {
        if (calls++ < 4) throw new Error('the row is gone')
      })
    const store = engine.container.resolve(JobStore)
    const settle = store.settle.bind(store)
    let outages = 0
    store.settle = async (...parts) => {
      if (outages++ < 6) throw new Error('the store is away')
      return settle(...parts)
    }
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    expect((await engine.settled(await accept(engine, definition, { key: 'k', n: 0 }))).state).to.equal('succeeded')
  })

  it('brings 100 jobs to their first step together', async function () {
    this.timeout(20_000)
    const engine = await engines.engine()
    const { definition, begun, open } = gated()
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const ids = await Promise.all(Array.from({ length: 100 }, (_, n) => accept(engine, definition, { key: `${n}`, n })))
    await until(() => begun.length === 100)
    for (let n = 0; n < 100; n++) open(n)
    for (const id of ids) expect((await engine.settled(id)).state).to.equal('succeeded')
  })
})
