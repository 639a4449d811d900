import { defineJob, Joi, newId, object, type Schema, systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import { cli, describeEngine } from './engine.fixture.js'
import { JobControl } from './job-control.js'
import { JobPruning } from './job-pruning.js'

interface Input {
  readonly word: string
}
const schema: Schema<Input> = object<Input>({ word: Joi.string().required() })
const all = { before: new Date(Date.now() + 60_000), most: 1_000 }

describeEngine('pruning of jobs', engines => {
  const setUp = async () => {
    const engine = await engines.engine({ settings: { logFlushMs: 0 } })
    let broken = true
    const definition = defineJob<Input>({ type: 'demo.make', version: 1, input: schema }).step('one', {
      onCrash: 'replay',
      plan: async ({ input }) => ({ summary: { code: 'demo.make', params: { word: input.word } } }),
      async run({ log }) {
        log(broken ? 'old line' : 'new line')
        if (broken) throw new Error('not yet')
      },
    })
    engine.jobs.define('demo', definition, undefined)
    await engine.jobs.start()
    const submit = (word: string, more: object) =>
      engine.jobs.submit('demo', definition, { word }, {
        generated: { word },
        request: { actor: cli, operation: 'demo.make', dryRun: false, ...more },
      } as never)
    const planned = await submit('a1b2c3', { dryRun: true })
    if (planned.kind !== 'planned') throw new Error('a job came instead of a plan')
    const accepted = await submit('d4e5f6', { planHash: planned.plan.hash })
    if (accepted.kind !== 'accepted') throw new Error('a plan came instead of a job')
    const { id } = accepted.job
    const failed = await engine.settled(id)
    expect([failed.state, failed.plan_hash]).to.deep.equal(['failed', planned.plan.hash])
    const row = { id: newId(), change_id: 'c', plugin: 'demo', change: 'file', state: 'active', batch: 1, actor: '{}' }
    await engine.state.knex('changes').insert({ ...row, job_id: id, at: new Date().toISOString() })
    broken = false
    const retry = async () => engine.container.resolve(JobControl).retry(await engine.job(id), systemActor('demo'))
    return { engine, id, retry, pruning: engine.container.resolve(JobPruning) }
  }

  it('a trimmed job can be tried again, though its generated values are gone', async () => {
    const { engine, id, retry, pruning } = await setUp()
    expect(await pruning.prune(all, new AbortController().signal)).to.deep.equal({ gone: 0, trimmed: 1 })
    const trimmed = await engine.job(id)
    expect([trimmed.generated, trimmed.plan_hash]).to.deep.equal([null, null])
    await retry()
    expect((await engine.settled(id)).state).to.equal('succeeded')
  })
})
