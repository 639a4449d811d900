import {
  type ChangeResult,
  type ChangeState,
  changeStep,
  defineJob,
  Joi,
  newId,
  object,
  type PluginBroker,
  type StepContext,
} from '@nusantara/sdk'
import { expect } from 'chai'
import { accept, cli, describeEngine } from './engine.fixture.js'

interface Input {
  readonly name: string
}

/** The far end of the broker's socket: remembers changes by their id, as the journal does. */
function journal() {
  const changes = new Map<string, ChangeState>()
  const calls: string[] = []
  let losesAnswer = false
  let action = 'none'
  const result = (changeId: string): ChangeResult => {
    return { changeId, state: changes.get(changeId) ?? 'failed', batch: 1, timings: {} }
  }
  const broker = {
    async planChange() {
      return { changeId: 'x', hash: 'h', files: [{ action }], services: [{ service: 'web', verb: 'reload' }] }
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
  const set = (id: string, state: ChangeState) => void changes.set(id, state)
  return { broker, calls, loseAnswer: () => (losesAnswer = true), set, differ: () => (action = 'modify') }
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

  /** Runs the step, then once more as a job does that is tried again, and takes it back. */
  async function again(meddle: (far: ReturnType<typeof journal>) => void): Promise<string[]> {
    const far = journal()
    const context = (attempt: number) =>
      ({
        ...{ input: { name: 'x' }, done: {}, deps: { fail: false }, log: () => undefined, progress: () => undefined },
        ...{ actor: cli, stepId, broker: far.broker, job: { id: newId(), attempt } },
        signal: new AbortController().signal,
      }) as StepContext<Input, object, { fail: boolean }>
    await step.run(context(1))
    meddle(far)
    await step.run(context(2))
    await step.undo?.(context(3))
    await step.undo?.(context(4))
    return far.calls
  }
  const stepId = newId()

  it('is not applied again while it is in force as it was', async () => {
    expect(await again(() => undefined)).to.deep.equal(['apply vhost 1', 'revert 3'])
  })

  it('is applied again, and taken back, after it was taken back or written over', async () => {
    const anew = ['apply vhost 1', 'apply vhost 2', 'revert 3']
    expect(await again(({ set }) => set(stepId, 'reverted'))).to.deep.equal(anew)
    expect(await again(({ differ }) => differ())).to.deep.equal(anew)
    expect(await again(({ set }) => set(stepId, 'failed'))).to.deep.equal(anew)
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
