import {
  type ChangeResult,
  type ChangeState,
  changeStep,
  defineJob,
  Joi,
  object,
  type PluginBroker,
} from '@nusantara/sdk'
import { expect } from 'chai'
import { accept, describeEngine } from './engine.fixture.js'

interface Input {
  readonly name: string
}

/** The far end of the broker's socket: remembers changes by their id, as the journal does. */
function journal() {
  const changes = new Map<string, ChangeState>()
  const calls: string[] = []
  let losesAnswer = false
  const result = (changeId: string): ChangeResult => {
    return { changeId, state: changes.get(changeId) ?? 'failed', batch: 1, timings: {} }
  }
  const broker = {
    async planChange() {
      return { changeId: 'x', hash: 'h', files: [], services: [{ service: 'web', verb: 'reload' }] }
    },
    async applyChange(request: { change: string }, options: { changeId: string; attempt: number }) {
      calls.push(`apply ${request.change} ${options.attempt}`)
      changes.set(options.changeId, 'applied')
      if (losesAnswer) {
        losesAnswer = false
        throw new Error('the connection broke')
      }
      return result(options.changeId)
    },
    async describeChange(changeId: string) {
      return changes.has(changeId) ? result(changeId) : null
    },
    async revertChange(changeId: string, options: { revertId: string; attempt: number }) {
      expect(options.revertId)
        .to.match(/^[0-9a-f-]{36}$/)
        .and.not.equal(changeId)
      calls.push(`revert ${options.attempt}`)
      changes.set(changeId, 'reverted')
      return result(changeId)
    },
  } as unknown as PluginBroker
  return { broker, calls, loseAnswer: () => (losesAnswer = true) }
}

describeEngine('a step that is a change', engines => {
  const step = changeStep<Input, object, { fail: boolean }>(({ input }) => ({
    change: 'vhost',
    files: {},
    summary: { code: 'demo.change', params: { name: input.name } },
  }))
  const definition = defineJob<Input, { fail: boolean }>({
    type: 'demo.change',
    version: 1,
    input: object<Input>({ name: Joi.string().required() }),
  })
    .step('vhost', { ...step, retries: 1 })
    .step('last', {
      onCrash: 'replay',
      async run({ deps }) {
        if (deps.fail) throw new Error('no')
      },
    })

  it('applies once under its own id, also when the answer was lost', async () => {
    const engine = await engines.engine()
    const { broker, calls, loseAnswer } = journal()
    engine.jobs.define('demo', definition, { fail: false }, { broker })
    await engine.jobs.start()
    loseAnswer()
    const row = await engine.settled(await accept(engine, definition, { name: 'x' }))
    expect(row.state).to.equal('succeeded')
    expect(calls).to.deep.equal(['apply vhost 1'])
    const [change] = await engine.steps(row.id)
    expect(change?.attempt).to.equal(2)
    expect(JSON.parse(change?.result ?? '')).to.include({ changeId: change?.id, state: 'applied' })
  })

  it('is reverted when a later step fails, with a higher attempt', async () => {
    const engine = await engines.engine()
    const { broker, calls } = journal()
    engine.jobs.define('demo', definition, { fail: true }, { broker })
    await engine.jobs.start()
    expect((await engine.settled(await accept(engine, definition, { name: 'x' }))).state).to.equal('failed')
    expect(calls).to.deep.equal(['apply vhost 1', 'revert 2'])
  })

  it('without a broker every call is refused by the owner’s name', async () => {
    const engine = await engines.engine()
    engine.jobs.define('demo', definition, { fail: false })
    await engine.jobs.start()
    const row = await engine.settled(await accept(engine, definition, { name: 'x' }))
    expect(row.state).to.equal('unknown')
    const [change] = await engine.steps(row.id)
    expect(JSON.parse(change?.problem ?? '')).to.deep.equal({ code: 'job_broker_absent', params: { owner: 'demo' } })
  })
})
