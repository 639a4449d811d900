import type { JobState } from '../jobs.js'
import type { TestPanel } from './types.js'

type Ids = Readonly<Record<string, string>>

export interface MatrixOptions {
  /** Directories of the plugins whose routes are tried besides the kernel's. */
  readonly plugins: readonly string[]
  /** Makes things that belong to the administrator; answers ids by resource type. */
  prepare?(panel: TestPanel): Promise<Ids>
}

/** A request that its route accepts. What is left out is derived from the schema. */
export interface Sample {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

export interface FuzzOptions extends MatrixOptions {
  /** By operation, where a schema cannot say what is accepted; several where no one has every field. */
  readonly samples?: Readonly<Record<string, Sample | readonly Sample[]>>
}

/** A job to kill, with what it works on. */
export interface KillCase<T = unknown> {
  readonly title: string
  /** Of the job. */
  readonly type: string
  /** `forward` leaves out the way back, where another case takes back the same steps. Default `every`. */
  readonly boundaries?: 'every' | 'forward'
  /** Makes what the job works on. `word` is fit for a domain or a user name, and another one each time. */
  arrange(panel: TestPanel, word: string): Promise<T>
  /** Submits the job; answers its id. */
  submit(panel: TestPanel, subject: T): Promise<string>
  /** Throws unless people are served what they were before (`failed`, `cancelled`) or what they asked for (`succeeded`). */
  check(panel: TestPanel, outcome: JobState, subject: T): Promise<void>
  /** Removes what is there now. */
  clean?(panel: TestPanel, subject: T): Promise<void>
}

export interface KillOptions {
  readonly plugins: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: each case has a subject of its own type
  readonly cases: readonly KillCase<any>[]
  /** Starts what the jobs of a panel need beside it, which nobody kills; answers how to end it. */
  prepare?(panel: TestPanel): Promise<() => Promise<void>>
  /**
   * Texts in files that are others in each panel or run, as keys are. That such a text came is compared with an undisturbed
   * run, not which; what a job took back is compared to the letter all the same.
   */
  readonly unlike?: readonly RegExp[]
  /** Texts that no file below the home may hold in the end, besides the passwords of the panel's people. */
  readonly secrets?: readonly string[]
}

interface Harness {
  describeRouteMatrix(options: MatrixOptions): void
  describeFieldFuzz(options: FuzzOptions): void
  describeKillSteps(options: KillOptions): void
}

/**
 * The tests that read the registries of routes, jobs and privileges, for a plugin's own suite. Each call declares a `describe`:
 *
 * ```ts
 * const { describeRouteMatrix, describeFieldFuzz, describeKillSteps } = await harness()
 * describeFieldFuzz({ plugins: [directory], samples: { 'notes.create': { body: { title: 'Milk' } } } })
 * ```
 *
 * They need the kernel (`@nusantara/kernel`), which a plugin has as a development dependency only.
 */
export async function harness(): Promise<Harness> {
  // Not a literal: the SDK is built before the kernel and does not depend on it.
  const kernel: string = '@nusantara/kernel/testing/harness'
  return (await import(kernel)) as Harness
}
