import type { JobState, Plan } from '@nusantara/sdk'

/** A row of `jobs`. Times are ISO 8601 UTC; what is structured is JSON text. */
export interface JobRow {
  id: string
  type: string
  version: number
  owner: string
  state: JobState
  direction: 'forward' | 'undo'
  outcome: 'failed' | 'cancelled' | null
  operation: string
  permission: string | null
  actor: string
  actor_id: string
  account_id: string | null
  resource_id: string | null
  host_id: string
  title: string
  input: string
  sealed: string | null
  generated: string | null
  extra: string | null
  plan: string | null
  plan_hash: string | null
  keys: string
  idempotency_key: string | null
  idempotency_digest: string | null
  problem: string | null
  cancel_requested: number
  not_before: string | null
  created_at: string
  started_at: string | null
  finished_at: string | null
  runner_id: string | null
  lease_until: string | null
  claim: number
  reveals: number
  revealed_at: string | null
}

export type StepState = 'pending' | 'running' | 'succeeded' | 'failed' | 'undoing' | 'undone'

/** A row of `job_steps`. Its id is what the step calls its changes by. */
export interface StepRow {
  id: string
  job_id: string
  position: number
  name: string
  owner: string
  extension: string | null
  state: StepState
  attempt: number
  result: string | null
  problem: string | null
  started_at: string | null
  finished_at: string | null
  /** 0 to 1, of the attempt that runs or ran last; null when it told nothing. */
  progress: number | null
  /** A Message as JSON. */
  progress_message: string | null
}

export interface LogRow {
  job_id: string
  seq: number
  at: string
  /** Null for what the engine itself says of the log. */
  step: string | null
  line: string
}

/** A problem as it is stored with a job or a step. */
export interface StoredProblem {
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
}

export const terminalStates: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'unknown']

export function parsePlan(row: JobRow): Plan | undefined {
  return row.plan ? (JSON.parse(row.plan) as Plan) : undefined
}
