import { setTimeout as delay } from 'node:timers/promises'
import type { CliContext } from './context.js'
import { dim, green, inert, red } from './output.js'

export interface JobView {
  readonly id: string
  readonly steps?: readonly { readonly name: string; readonly state: string }[]
  readonly state: string
  readonly type?: string
  readonly problem?: { readonly code?: string; readonly message?: string; readonly remedy?: string } | null
}

interface LogPage {
  readonly items: readonly { readonly seq: number; readonly line: string }[]
}

const marks: Readonly<Record<string, string>> = { succeeded: green('✔'), failed: red('✖'), undone: dim('↶') }
const terminal = new Set(['succeeded', 'failed', 'cancelled', 'unknown'])
const interruptedExit = 130

/**
 * Waits until a job is terminal, and shows its steps and its log as they grow. An interrupt ends the waiting, not the job.
 *
 * @param shows false: waits in silence
 */
export async function followJob(context: CliContext, id: string, shows: boolean): Promise<JobView> {
  const path = `/api/v1/jobs/${encodeURIComponent(id)}`
  const interrupted = () => {
    context.note(context.text('job.goes-on', { id }))
    process.exit(interruptedExit)
  }
  process.once('SIGINT', interrupted)
  try {
    const told = new Set<string>()
    let after = 0
    for (let pause = 40; ; pause = Math.min(pause * 1.5, 500)) {
      const job = (await context.connection.call('GET', path)).body as JobView
      if (shows) for (const step of job.steps ?? []) tell(context, told, step)
      // Read after the job's state, so that the log of a terminal one is whole; it comes in pages.
      for (let more = shows; more; ) {
        const { items } = (await context.connection.call('GET', `${path}/log?after=${after}`)).body as LogPage
        for (const { seq, line } of items) {
          context.print(dim(inert(line)))
          after = Math.max(after, seq)
          pause = 40
        }
        more = items.length > 0
      }
      if (terminal.has(job.state)) {
        if (shows) context.print(outcome(context, job))
        return job
      }
      await delay(pause)
    }
  } finally {
    process.off('SIGINT', interrupted)
  }
}

/** A step is told of once in each state that it ends in: one that was done can be undone later. */
function tell(context: CliContext, told: Set<string>, { name, state }: { name: string; state: string }): void {
  const key = `${name} ${state}`
  if (state === 'pending' || state === 'running' || told.has(key)) return
  told.add(key)
  context.print(`${marks[state] ?? dim('·')} ${inert(name)}`)
}

function outcome({ text }: CliContext, { state, problem }: JobView): string {
  if (state === 'succeeded') return green(text('job.done'))
  const why = problem?.message ?? problem?.code
  const remedy = problem?.remedy
  return red(inert([text(`job.${state}`), why && `: ${why}`, remedy && `\n  ${remedy}`].filter(Boolean).join('')))
}
