import { v5 } from 'uuid'
import type { CallContext, ChangeRequest, ChangeResult } from './broker.js'
import type { Message, StepContext, StepDefinition } from './jobs.js'

/** A change to configuration files and the sentence that describes it in a plan. */
export type DescribedChange = ChangeRequest & { readonly summary: Message }

/**
 * A job step that is one change transaction of the broker: planned by `planChange`, applied under the step's own id,
 * put back by `revertChange`. After a crash the broker is asked first what became of the change, so a change that had
 * been applied is not applied again. When a job in doubt is tried again, the change may have been taken back by then, or
 * another one written over it: then it is applied anew, under an id that follows from the step's.
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
      const { summary: _, ...request } = await build(context)
      const last = attempt > 1 ? await latest(context) : undefined
      if (last && isInForce(last) && (await isAsPlanned(context, request))) return last
      const changeId = !last ? context.stepId : last.state === 'failed' ? last.changeId : following(last.changeId)
      const result = await context.broker.applyChange(request, { ...call(context), changeId, attempt })
      context.log(account(request, result))
      return result
    },

    async undo(context) {
      const last = await latest(context)
      if (!last || !isInForce(last)) return
      await context.broker.revertChange(last.changeId, {
        ...call(context),
        revertId: v5('undo', last.changeId),
        attempt: context.job.attempt,
      })
    },
  }
}

/** What the broker knows of the step's change, or of the newest one that followed it. */
async function latest({ broker, stepId }: StepContext<unknown, unknown, unknown>): Promise<ChangeResult | undefined> {
  let last: ChangeResult | undefined
  for (let id = stepId; ; id = following(id)) {
    const known = await broker.describeChange(id)
    if (!known) return last
    last = known
  }
}

function following(changeId: string): string {
  return v5('again', changeId)
}

/** Whether the files still say what the change would write. */
async function isAsPlanned(context: StepContext<unknown, unknown, unknown>, request: ChangeRequest): Promise<boolean> {
  const { files } = await context.broker.planChange(request, call(context))
  return files.every(({ action }) => action === 'none')
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
