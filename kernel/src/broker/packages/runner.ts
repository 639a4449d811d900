import type { Command } from '../command.js'
import type { OutputSink } from '../operations/process.js'

export interface PackageWork {
  /** Shown to whoever looks at the host's units. */
  readonly description: string
  readonly command: Command
  /** Run when the command succeeded, as part of the same work. */
  readonly after?: Command
}

export interface WorkOutcome {
  readonly ok: boolean
  /** The last of what it said. */
  readonly output: string
}

/** Does one piece of work at a time, to its end, whatever becomes of whoever asked for it. */
export interface PackageRunner {
  /** Waits for work that a broker before this one left running. Its outcome shows in the host's packages. */
  settle(output?: OutputSink): Promise<void>
  run(work: PackageWork, output?: OutputSink): Promise<WorkOutcome>
}
