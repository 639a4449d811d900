import {
  type CallContext,
  type ChangeResult,
  changeStep,
  type DescribedChange,
  type Message,
  type Scope,
  type StepContext,
  type StepDefinition,
} from '@nusantara/sdk'

type Context = Pick<StepContext<unknown, unknown, unknown>, 'actor' | 'job' | 'signal'>

export function callOf({ actor, job, signal }: Context): CallContext {
  return { actor, jobId: job.id, signal }
}

export function scopeOf({ actor, signal }: Pick<Context, 'actor' | 'signal'>, account: string): Scope {
  return { actor, account, signal }
}

/** A change together with what the job will want to know about it when it settles. */
export function changeWith<I, D, Deps, R>(
  build: (context: StepContext<I, D, Deps>) => Promise<{ readonly change: DescribedChange; readonly result: R }>,
): StepDefinition<I, D, Deps, R> {
  const step = (change: DescribedChange) => changeStep<I, D, Deps>(() => change)
  return {
    onCrash: 'replay',
    async plan(context) {
      const { change } = await build(context)
      return (await step(change).plan?.(context)) ?? { summary: change.summary }
    },
    async run(context) {
      const { change, result } = await build(context)
      await step(change).run(context)
      return result
    },
    undo: context => undoChange(context),
  }
}

/** A change that some inputs do not need: `build` then answers the sentence that says so. */
export function changeIfNeeded<I, D, Deps>(
  build: (context: StepContext<I, D, Deps>) => Promise<DescribedChange | { readonly unneeded: Message }>,
): StepDefinition<I, D, Deps, ChangeResult | null> {
  const step = (change: DescribedChange) => changeStep<I, D, Deps>(() => change)
  return {
    onCrash: 'replay',
    async plan(context) {
      const change = await build(context)
      if ('unneeded' in change) return { summary: change.unneeded }
      return (await step(change).plan?.(context)) ?? { summary: change.summary }
    },
    async run(context) {
      const change = await build(context)
      return 'unneeded' in change ? null : step(change).run(context)
    },
    undo: context => undoChange(context),
  }
}

/** The broker knows by the step's id whether there was a change, and what it replaced. */
async function undoChange(context: StepContext<unknown, unknown, unknown>): Promise<void> {
  const byId = changeStep<unknown, unknown, unknown>(() => {
    throw new Error('a change is taken back by its id alone')
  })
  const { result: _, ...rest } = context as StepContext<unknown, unknown, unknown> & { result?: unknown }
  await byId.undo?.(rest)
}
