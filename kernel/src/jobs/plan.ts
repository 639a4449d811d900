import { createHash } from 'node:crypto'
import type { Plan, PlanPart } from '@nusantara/sdk'
import { canonical } from '../audit/canonical.js'

export interface NamedPart {
  readonly name: string
  readonly part: PlanPart
}

export interface PlanSubject {
  readonly operation: string
  /** Without its secret fields: a plan is of what is shown. */
  readonly input: unknown
  /** Values made for one submission alone, by name. */
  readonly generated: Readonly<Record<string, string>>
}

/** Puts the steps' parts together, in their order, under one hash. */
export function assemblePlan(subject: PlanSubject, parts: readonly NamedPart[]): Plan {
  const plan = {
    steps: parts.map(({ name, part }) => ({ name, summary: part.summary })),
    files: parts.flatMap(({ part }) => part.files ?? []),
    operations: parts.flatMap(({ part }) => part.operations ?? []),
    packages: parts.flatMap(({ part }) => part.packages ?? []),
    services: distinct(parts.flatMap(({ part }) => part.services ?? [])),
    late: parts.some(({ part }) => part.late === true),
  }
  return { hash: planHash(subject, plan), ...plan }
}

/**
 * SHA-256 over operation, input, steps, files (path, before, after), operations, packages and services. Each generated
 * value is replaced by `{name}` wherever it stands, so that a dry run and the submission after it agree. A file whose
 * content holds generated values has another `after` every time; then its diff, with the names in place, stands for it.
 */
function planHash({ operation, input, generated }: PlanSubject, plan: Omit<Plan, 'hash' | 'files'> & FilesOf): string {
  const named = nameGenerated(generated)
  const files = plan.files.map(({ path, action, before, after, diff }) => ({
    path,
    action,
    before,
    after: named(diff) === diff ? after : sha256(named(diff)),
  }))
  const { steps, operations, packages, services } = plan
  return sha256(named(canonical({ operation, input, steps, files, operations, packages, services })))
}

interface FilesOf {
  readonly files: readonly NonNullable<PlanPart['files']>[number][]
}

/** Longer values first, so that one that contains another is replaced whole. */
function nameGenerated(generated: Readonly<Record<string, string>>): (text: string) => string {
  const values = Object.entries(generated).filter(([, value]) => value !== '')
  values.sort(([, a], [, b]) => b.length - a.length)
  return text => values.reduce((named, [name, value]) => named.replaceAll(value, `{${name}}`), text)
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map(item => [canonical(item), item])).values()]
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
