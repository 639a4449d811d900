import { defineJob, Joi, object, type Schema } from '@nusantara/sdk'
import { expect } from 'chai'
import { accept, cli, describeEngine, type Engine, until } from './engine.fixture.js'
import { JobControl } from './job-control.js'

interface Input {
  readonly key: string
}
const schema: Schema<Input> = object<Input>({ key: Joi.string().required() })

describeEngine('leases of jobs', engines => {
  // One runner owns a SQLite store; only PostgreSQL has several.
  const shared = engines.dialect === 'postgres'

  if (shared) {
    it('of two runners on one store each job runs once, and a key in one of them at a time', async function () {
      this.timeout(20_000)
      const running = new Set<string>()
      const ran: string[] = []
      const runners = new Set<number>()
      const make = (runner: number) =>
        defineJob<Input>({ type: 'demo.shared', version: 1, input: schema, concurrency: i => [i.key] }).step('one', {
          onCrash: 'replay',
          async run({ input, job }) {
            expect(running.has(input.key), 'two of a key').to.equal(false)
            running.add(input.key)
            runners.add(runner)
            await new Promise(resolve => setImmediate(resolve))
            ran.push(job.id)
            running.delete(input.key)
          },
        })
      const first = await engines.engine({ settings: { parallelism: 4 } })
      const second = await engines.second({ settings: { parallelism: 4 } })
      const definition = make(1)
      first.jobs.define('demo', definition, undefined)
      second.jobs.define('demo', make(2), undefined)
      await Promise.all([first.jobs.start(), second.jobs.start()])
      const ids = await Promise.all(
        Array.from({ length: 120 }, (_, n) => accept(first, definition, { key: `${n % 30}` })),
      )
      for (const id of ids) expect((await first.settled(id)).state).to.equal('succeeded')
      expect([...ran].sort()).to.deep.equal([...ids].sort())
      expect(runners.size).to.equal(2)
    })

    it('a job outlives a database that dies and comes back under it', async function () {
      this.timeout(30_000)
      const engine = await engines.engine({ settings: { heartbeatMs: 20, sweepMs: 50 } })
      const gate = Promise.withResolvers<void>()
      let begun = 0
      const definition = defineJob<Input>({ type: 'demo.outage', version: 1, input: schema })
        .step('one', {
          onCrash: 'replay',
          async run() {
            begun++
            await gate.promise
          },
        })
        .step('two', { onCrash: 'replay', run: async () => null })
      engine.jobs.define('demo', definition, undefined)
      await engine.jobs.start()
      const id = await accept(engine, definition, { key: 'k' })
      await until(() => begun === 1)
      await engines.postgres?.crash()
      gate.resolve()
      await until(() => engine.lines.some(line => line.level !== 'debug'))
      await engines.postgres?.start()
      expect((await engine.settled(id)).state).to.equal('succeeded')
      expect(begun).to.equal(1)
      const next = await accept(engine, definition, { key: 'k' })
      expect((await engine.settled(next)).state).to.equal('succeeded')
    })

    it('one process wakes another on the same store', async () => {
      const runner = await engines.engine()
      const web = await engines.second()
      const definition = defineJob<Input>({ type: 'demo.woken', version: 1, input: schema }).step('one', {
        onCrash: 'replay',
        run: async () => null,
      })
      for (const engine of [runner, web]) engine.jobs.define('demo', definition, undefined)
      await runner.jobs.start()
      const from = Date.now()
      const id = await accept(web, definition, { key: 'k' })
      await runner.settled(id)
      expect(Date.now() - from, 'the sweep comes after 10 s').to.be.below(5_000)
    })
  }

  it('a job whose lease ran out goes to another runner, and the first one may write nothing more', async () => {
    const gates: PromiseWithResolvers<void>[] = []
    const settled: number[] = []
    const make = (runner: number) =>
      defineJob<Input>({ type: 'demo.lost', version: 1, input: schema })
        .step('one', {
          onCrash: 'replay',
          async run() {
            const gate = Promise.withResolvers<void>()
            gates.push(gate)
            await gate.promise
          },
        })
        .settled(async () => void settled.push(runner))
    // One at a time, so that the first runner does not take the job again itself.
    const first = await engines.engine({
      settings: { parallelism: 1, leaseMs: 30, heartbeatMs: 60_000, sweepMs: 60_000 },
    })
    const definition = make(1)
    first.jobs.define('demo', definition, undefined)
    await first.jobs.start()
    const id = await accept(first, definition, { key: 'k' })
    await until(() => gates.length === 1)
    const second: Engine = await engines.second({ settings: { sweepMs: 10 } })
    second.jobs.define('demo', make(2), undefined)
    await second.jobs.start()
    await until(() => gates.length === 2)
    gates[0]?.resolve()
    await until(() => first.runner.active === 0)
    expect((await first.job(id)).state).to.equal('running')
    gates[1]?.resolve()
    expect((await second.settled(id)).state).to.equal('succeeded')
    expect(settled).to.deep.equal([2])
    expect((await second.steps(id))[0]?.attempt).to.equal(2)
  })

  it('a heartbeat keeps a long job, and carries a cancellation that another process asked for', async () => {
    const engine = await engines.engine({ settings: { leaseMs: 60, heartbeatMs: 10, sweepMs: 15 } })
    let begun = 0
    const definition = defineJob<Input>({ type: 'demo.long', version: 1, input: schema }).step('one', {
      onCrash: 'replay',
      async run({ signal }) {
        begun++
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const id = await accept(engine, definition, { key: 'k' })
    await until(() => begun === 1)
    const { lease_until: lease } = await engine.job(id)
    await until(async () => Date.now() > Date.parse(lease ?? '') + 30)
    expect(begun).to.equal(1)
    const other = await engines.second()
    await other.container.resolve(JobControl).cancel(await other.job(id), cli)
    expect((await engine.settled(id)).state).to.equal('cancelled')
  })

  it('a job of another host is left to its own', async () => {
    const engine = await engines.engine({ settings: { sweepMs: 10 } })
    let ran = 0
    const definition = defineJob<Input>({ type: 'demo.hosts', version: 1, input: schema }).step('one', {
      onCrash: 'replay',
      run: async () => void ran++,
    })
    engine.jobs.define('demo', definition, undefined)
    const theirs = await accept(engine, definition, { key: 'theirs' })
    await engine.state.knex('jobs').where({ id: theirs }).update({ host_id: 'another-host' })
    await engine.jobs.start()
    const ours = await accept(engine, definition, { key: 'ours' })
    expect((await engine.settled(ours)).state).to.equal('succeeded')
    expect((await engine.job(theirs)).state).to.equal('queued')
    expect(ran).to.equal(1)
  })
})
