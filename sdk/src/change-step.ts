import { v5 } from 'uuid'
import type { CallContext, ChangeRequest, ChangeResult } from './broker.js'
import type { Message, StepContext, StepDefinition } from './jobs.js'

/** A change to configuration files and the sentence that describes it in a plan. */
export type DescribedChange = ChangeRequest & { readonly summary: Message }

/**
 * A job step that is one change transaction of the broker: planned by `planChange`, applied under the step's own id,
 * put back by `revertChange`. After a crash the broker is asked first what became of the change, so a change that had
 * been applied is not applied again.
 *
 * @param build the change for this input; called for plan and run, so it must answer the same for the same context
 */
export function changeStep<I, D, Deps>(
  build: (context: StepContext<I, D, Deps>) => DescribedChange | Promise<DescribedChange>,
): StepDefinition<I, D, Deps, ChangeResult> {
  return {
    onCrash: 'replay',

    async plan(context) {
      const { summary, ...request } = await build(context)
      const { files, services } = await context.broker.planChange(request, call(context))
      return { summary, files, services }
    },

    async run(context) {
      const { attempt } = context.job
      if (attempt > 1) {
        const known = await context.broker.describeChange(context.stepId)
        if (known && isInForce(known)) return known
      }
      const { summary: _, ...request } = await build(context)
      return context.broker.applyChange(request, { ...call(context), changeId: context.stepId, attempt })
    },

    async undo(context) {
      const known = await context.broker.describeChange(context.stepId)
      if (!known || !isInForce(known)) return
      await context.broker.revertChange(context.stepId, {
        ...call(context),
        revertId: v5('undo', context.stepId),
        attempt: context.job.attempt,
      })
    },
  }
}

function isInForce(change: ChangeResult): boolean {
  return change.state === 'applied' || change.state === 'awaiting_confirmation'
}

function call(context: StepContext<unknown, unknown, unknown>): CallContext {
  return { actor: context.actor, jobId: context.job.id, signal: context.signal }
}
