import { defineJob, Joi, object } from '@nusantara/sdk'
import { ChangeConflict } from '../broker/errors.js'
import type { ChangeBroker } from './change-broker.js'
import type { ChangeLog } from './change-log.js'
import { ChangeNotRevertible } from './errors.js'
import { inverseDiff } from './inverse-diff.js'

export interface Rollback {
  /** Id of the row in the history. */
  readonly id: string
}

interface Deps {
  readonly log: ChangeLog
  readonly broker: ChangeBroker
}

/** Takes a recorded change back, as a change of its own. */
export const rollbackJob = defineJob<Rollback, Deps>({
  type: 'changes.rollback',
  version: 1,
  input: object<Rollback>({ id: Joi.string().guid().required() }),
  concurrency: ({ id }) => [`change:${id}`],
}).step('revert', {
  onCrash: 'replay',
  async plan({ input, deps, actor }) {
    const row = await revertible(deps, input.id)
    const described = await deps.broker.describe(row.plugin, row.change_id, actor)
    const changed = (described?.files ?? []).filter(({ action }) => action !== 'none')
    const replaced = changed.find(file => file.replaced)
    if (replaced) throw ChangeConflict({ path: replaced.path })
    const files = changed.map(({ path, action, diff }) => ({
      path,
      action: opposite[action],
      diff: inverseDiff(diff),
      before: null,
      after: null,
    }))
    return {
      summary: { code: 'plan.changes.rollback', params: { change: row.change, plugin: row.plugin } },
      files,
    }
  },
  async run({ input, deps, actor, job, stepId }) {
    const row = await deps.log.get(input.id)
    const result = await deps.broker.revert(row.plugin, row.change_id, {
      revertId: stepId,
      attempt: job.attempt,
      actor,
      jobId: job.id,
    })
    const { plugin, change, tenant, change_id: reverts } = row
    await deps.log.record({
      plugin,
      change,
      ...(tenant !== null && { tenant }),
      result,
      context: { actor, jobId: job.id },
      reverts,
    })
    return { changeId: result.changeId, state: result.state }
  },
})

const opposite = { create: 'delete', delete: 'create', modify: 'modify', none: 'none' } as const

async function revertible({ log }: Deps, id: string) {
  const row = await log.get(id)
  if (row.state !== 'applied' && row.state !== 'awaiting_confirmation')
    throw ChangeNotRevertible({ id, state: row.state })
  return row
}
