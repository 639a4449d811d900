import type { JobDefinition, PluginBroker, StepDefinition } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { absentBroker } from '../broker-client/absent-broker.js'
import { milliseconds } from './duration.js'
import { JobTypeTaken } from './errors.js'
import { Extensions } from './extensions.js'
import type { JobRow, StepRow } from './job-row.js'

/** A definition without its type parameters: the engine treats all alike. */
export type AnyDefinition = JobDefinition<unknown, unknown, unknown>
export type AnyStep = StepDefinition<unknown, unknown, unknown, unknown>

export interface JobType {
  readonly owner: string
  readonly definition: AnyDefinition
  readonly deps: unknown
  readonly broker: PluginBroker
  readonly timeoutMs: number
}

/** A step of a job as it will run: own, or brought by an extension. */
export interface ResolvedStep {
  readonly name: string
  readonly owner: string
  readonly extension?: string
  readonly definition: AnyStep
  readonly broker: PluginBroker
}

/** The job types that are defined now. */
@scoped(Lifecycle.ContainerScoped)
export class JobTypes {
  readonly #types = new Map<string, JobType>()

  constructor(private readonly extensions: Extensions) {}

  define(owner: string, definition: AnyDefinition, deps: unknown, broker?: PluginBroker): () => void {
    const { type, timeout = '10m' } = definition.options
    const taken = this.#types.get(type)
    if (taken) throw JobTypeTaken({ type, owner: taken.owner })
    const entry = { owner, definition, deps, broker: broker ?? absentBroker(owner), timeoutMs: milliseconds(timeout) }
    this.#types.set(type, entry)
    return () => {
      if (this.#types.get(type) === entry) this.#types.delete(type)
    }
  }

  get(type: string): JobType | undefined {
    return this.#types.get(type)
  }

  names(): readonly string[] {
    return [...this.#types.keys()]
  }

  /** What the extensions that this input asks for demand of whoever asks, beside the job's own permission. */
  permissions({ definition }: JobType, input: unknown): readonly string[] {
    const asked = (input as { extensions?: Record<string, unknown> }).extensions ?? {}
    return definition.extensions
      .flatMap(({ token }) => this.extensions.list(token as never))
      .flatMap(({ key, permission }) => (permission && asked[key] !== undefined ? [permission] : []))
  }

  /** The steps that this input asks for, extensions' steps in their places. Names of theirs are `<key>.<step>`. */
  steps(type: JobType, input: unknown): readonly ResolvedStep[] {
    const asked = (input as { extensions?: Record<string, unknown> }).extensions ?? {}
    return this.#all(type).filter(step => !step.extension || asked[step.extension] !== undefined)
  }

  /** The step recorded in a row, or undefined when nobody defines it now. */
  step(type: JobType, row: StepRow): ResolvedStep | undefined {
    return this.#all(type).find(step => step.name === row.name && (step.extension ?? null) === row.extension)
  }

  /** Whether every step still ahead of the job can run now; a job of a disabled plugin waits. */
  canRun(job: JobRow, steps: readonly StepRow[]): boolean {
    const type = this.get(job.type)
    if (!type || type.definition.options.version < job.version) return false
    return steps.every(row => row.extension === null || this.step(type, row) !== undefined)
  }

  #all(type: JobType): ResolvedStep[] {
    const { definition, owner, broker } = type
    const all: ResolvedStep[] = []
    for (let position = 0; position <= definition.steps.length; position++) {
      for (const point of definition.extensions.filter(point => point.after === position)) {
        for (const extension of this.extensions.list(point.token as never)) {
          for (const step of extension.steps) {
            all.push({
              name: `${extension.key}.${step.name}`,
              owner: extension.plugin,
              extension: extension.key,
              definition: step.definition,
              broker: extension.broker ?? absentBroker(extension.plugin),
            })
          }
        }
      }
      const own = definition.steps[position]
      if (own) all.push({ name: own.name, owner, definition: own.definition, broker })
    }
    return all
  }
}
