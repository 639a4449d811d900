import {
  type CallContext,
  type ChangeResult,
  changeStep,
  type DescribedChange,
  type PlanPart,
  Problem,
  type Scope,
  type StepContext,
  type StepDefinition,
  type TenantId,
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
  return {
    onCrash: 'replay',
    plan: async context => planChange(context, (await build(context)).change),
    async run(context) {
      const { change, result } = await build(context)
      await changeStep<I, D, Deps>(() => change).run(context)
      return result
    },
    undo: undoChange,
  }
}

/** A change that some inputs do not need: `build` then answers null. */
export function changeIfNeeded<I, D, Deps>(
  build: (context: StepContext<I, D, Deps>) => Promise<DescribedChange | null>,
): StepDefinition<I, D, Deps, ChangeResult | null> {
  return {
    onCrash: 'replay',
    async plan(context) {
      const change = await build(context)
      return change && planChange(context, change)
    },
    async run(context) {
      const change = await build(context)
      return change && changeStep<I, D, Deps>(() => change).run(context)
    },
    undo: undoChange,
  }
}

/** A change of a tenant, taken back only while the tenant is there: without it, nothing could serve the site again. */
export function whileThereIsATenant<I, D, Deps, R>(
  tenantOf: (context: StepContext<I, D, Deps>) => Promise<TenantId | null>,
  step: StepDefinition<I, D, Deps, R>,
  gone?: (context: StepContext<I, D, Deps>) => Promise<void>,
): StepDefinition<I, D, Deps, R> {
  return {
    ...step,
    async undo(context) {
      const tenant = await tenantOf(context)
      if (tenant && (await context.broker.describeTenant(tenant))) await step.undo?.(context)
      else await gone?.(context)
    },
  }
}

/**
 * A change of a site that may be taken back late, when its job was in doubt and another change has been written over it.
 * Nothing is left to take back once the files say what the site is.
 *
 * @param now the change that would write the site as it is; null when there is none
 */
export function unlessWrittenOver<I, D, Deps, R>(
  step: StepDefinition<I, D, Deps, R>,
  now: (context: StepContext<I, D, Deps>) => Promise<DescribedChange | null>,
): StepDefinition<I, D, Deps, R> {
  return {
    ...step,
    async undo(context) {
      try {
        await step.undo?.(context)
      } catch (error) {
        const change = error instanceof Problem && error.code === 'change_conflict' ? await now(context) : null
        if (!change || (await planChange(context, change))) throw error
      }
    },
  }
}

/** Null when every file is as it should be: such a step is not worth a line of the plan. */
async function planChange<I, D, Deps>(
  context: StepContext<I, D, Deps>,
  change: DescribedChange,
): Promise<PlanPart | null> {
  const part = (await changeStep<I, D, Deps>(() => change).plan?.(context)) ?? null
  return part?.files?.every(({ action, drift }) => action === 'none' && !drift) ? null : part
}

/** The broker knows by the step's id whether there was a change, and what it replaced. */
async function undoChange(context: StepContext<unknown, unknown, unknown>): Promise<void> {
  const byId = changeStep<unknown, unknown, unknown>(() => {
    throw new Error('a change is taken back by its id alone')
  })
  const { result: _, ...rest } = context as StepContext<unknown, unknown, unknown> & { result?: unknown }
  await byId.undo?.(rest)
}
