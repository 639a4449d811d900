/**
 * Loaded into a panel's process before its own program (`node --import`). Wraps the job engine's steps so that the panel or
 * its broker dies exactly at the boundary that the standing order names, once.
 */
import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import type { JobRow, StepRow } from '../../jobs/job-row.js'
import type { AnyStep, JobType, ResolvedStep } from '../../jobs/job-types.js'
import { endOrder, type Moment, standingOrder } from './kill-steps-order.js'

const home = process.env.NUSA_HOME
if (isMainThread && home) await install(home)

async function install(home: string): Promise<void> {
  const [{ JobTypes }, { JobStore }] = await Promise.all([
    import('../../jobs/job-types.js'),
    import('../../jobs/job-store.js'),
  ])
  const reach = (type: string, step: string, moment: Moment) => {
    const order = standingOrder(home)
    if (order?.type !== type || order.step !== step || order.moment !== moment) return
    endOrder(home)
    for (const victim of order.victims) kill(victim === 'panel' ? process.pid : victim)
  }

  const original = JobTypes.prototype.step
  JobTypes.prototype.step = function (type: JobType, row: StepRow): ResolvedStep | undefined {
    const step = original.call(this, type, row)
    return step && { ...step, definition: watched(step.definition, type.definition.options.type, step.name) }
  }
  const watched = (definition: AnyStep, type: string, name: string): AnyStep => ({
    ...definition,
    async run(context) {
      reach(type, name, 'before-run')
      const order = standingOrder(home)
      if (order?.type === type && order.fails === name) throw new Error('this step was made to fail')
      const result = await definition.run(context)
      reach(type, name, 'after-run')
      return result
    },
    ...(definition.undo && {
      async undo(context) {
        reach(type, name, 'before-undo')
        await definition.undo?.(context)
        reach(type, name, 'after-undo')
      },
    }),
  })

  const settle = JobStore.prototype.settle
  JobStore.prototype.settle = async function (job: JobRow, ...rest) {
    reach(job.type, '', 'before-settle')
    await settle.call(this, job, ...rest)
    reach(job.type, '', 'after-settle')
  }
}

/** kill -9, and no step further before the process is dead. */
function kill(pid: number): void {
  process.kill(pid, 'SIGKILL')
  const pause = new Int32Array(new SharedArrayBuffer(4))
  while (runs(pid)) Atomics.wait(pause, 0, 0, 1)
}

function runs(pid: number): boolean {
  try {
    // The state follows the command in parentheses, which may hold any character (proc_pid_stat(5)).
    return !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
