import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from './connection.js'
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

/** Shows a job's log as it grows, until the job is terminal. Answers the job. */
export async function followJob(connection: Connection, id: string, print: (line: string) => void): Promise<JobView> {
  let after = 0
  const told = new Set<string>()
  for (let pause = 40; ; pause = Math.min(pause * 1.5, 500)) {
    const job = (await connection.call('GET', `/api/v1/jobs/${encodeURIComponent(id)}`)).body as JobView
    for (const step of job.steps ?? []) {
      if (step.state === 'pending' || step.state === 'running' || told.has(step.name)) continue
      told.add(step.name)
      print(`${marks[step.state] ?? dim('·')} ${step.name}`)
    }
    const log = (await connection.call('GET', `/api/v1/jobs/${encodeURIComponent(id)}/log?after=${after}`))
      .body as LogPage
    for (const entry of log.items) {
      print(dim(inert(entry.line)))
      after = Math.max(after, entry.seq)
      pause = 40
    }
    if (terminal.has(job.state)) {
      print(outcome(job))
      return job
    }
    await delay(pause)
  }
}

function outcome(job: JobView): string {
  if (job.state === 'succeeded') return green('done')
  const why = job.problem?.message ?? job.problem?.code
  return red(
    [job.state, why && `: ${why}`, job.problem?.remedy && `\n  ${job.problem.remedy}`].filter(Boolean).join(''),
  )
}
