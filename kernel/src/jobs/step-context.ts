import type { Actor, Message, Plan, PlanPart, StepContext } from '@nusantara/sdk'
import type { JobType, ResolvedStep } from './job-types.js'
import { assemblePlan, type PlanSubject } from './plan.js'

export interface ContextValues {
  readonly jobId: string
  readonly resourceId?: string
  readonly actor: Actor
  readonly input: unknown
  /** Results so far, by step name. */
  readonly done: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
  readonly stepId: string
  readonly attempt: number
  log(line: string): void
  progress(fraction: number, message?: Message): void
}

/**
 * What a step sees. A step of an extension gets its own part of the input, the host's input as `deps`, and its own
 * earlier results under their short names beside the host's.
 */
export function stepContext(
  type: JobType,
  step: ResolvedStep,
  values: ContextValues,
): StepContext<unknown, unknown, unknown> {
  const { jobId, resourceId, actor, input, done, signal, stepId, attempt, log, progress } = values
  const { extension } = step
  return {
    input: extension ? (input as { extensions: Record<string, unknown> }).extensions[extension] : input,
    done: extension ? { ...done, ...shortNames(done, extension) } : done,
    deps: extension ? input : type.deps,
    actor,
    job: { id: jobId, attempt, ...(resourceId ? { resourceId } : {}) },
    signal,
    broker: step.broker,
    stepId,
    log,
    progress,
  }
}

function shortNames(done: Readonly<Record<string, unknown>>, extension: string): Record<string, unknown> {
  const prefix = `${extension}.`
  const own = Object.entries(done).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(own.map(([name, result]) => [name.slice(prefix.length), result]))
}

/** Asks every step what it would do; one without work is left out. Steps read only, and none has run: `done` is empty. */
export async function planSteps(
  type: JobType,
  steps: readonly ResolvedStep[],
  subject: PlanSubject,
  values: Omit<ContextValues, 'done' | 'attempt' | 'log' | 'progress'>,
): Promise<Plan> {
  const parts: { name: string; part: PlanPart }[] = []
  for (const step of steps) {
    const ignore = () => undefined
    const context = stepContext(type, step, { ...values, done: {}, attempt: 1, log: ignore, progress: ignore })
    const part = step.definition.plan ? await step.definition.plan(context) : { summary: stepTitle(type, step.name) }
    if (part) parts.push({ name: step.name, part })
  }
  return assemblePlan(subject, parts)
}

/** Catalogue key of a step that says nothing about itself. */
function stepTitle(type: JobType, step: string): Message {
  return { code: `job.${type.definition.options.type}.${step}` }
}
