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
      const result = await context.broker.applyChange(request, { ...call(context), changeId: context.stepId, attempt })
      context.log(account(request, result))
      return result
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

/** A line of the job's log: `vhost is in force: check 12 ms, reload 40 ms, probe 31 ms`. */
function account({ change }: ChangeRequest, { batch, timings }: ChangeResult): string {
  const parts = Object.entries(timings).map(([part, took]) => `${part} ${Math.round(took)} ms`)
  const shared = batch > 1 ? `, one reload for ${batch} changes` : ''
  return `${change} is in force${parts.length ? `: ${parts.join(', ')}` : ''}${shared}`
}

function isInForce(change: ChangeResult): boolean {
  return change.state === 'applied' || change.state === 'awaiting_confirmation'
}

function call(context: StepContext<unknown, unknown, unknown>): CallContext {
  return { actor: context.actor, jobId: context.job.id, signal: context.signal }
}
