import type { Message } from '@nusantara/sdk/ui'

export type Outcome = 'success' | 'failure' | 'refused'

/** An entry of `GET /api/v1/audit`. */
export interface AuditEntry {
  readonly seq: number
  readonly at: string
  readonly actor: {
    readonly kind: string
    readonly id: string
    readonly name: string
    readonly assurance: string
    readonly address?: string
  }
  readonly action: string
  readonly target?: string
  readonly params?: unknown
  readonly outcome: Outcome
  readonly requestId?: string
  readonly hash: string
}

/** `GET /api/v1/audit/verify`. */
export interface AuditReport {
  readonly ok: boolean
  readonly entries: number
  readonly segments: number
  readonly head: { readonly seq: number; readonly hash: string; readonly root: string } | null
  readonly checkpoints: number
  readonly problems: readonly { readonly seq: number; readonly problem: string; readonly segment?: string }[]
  readonly limits: readonly Message[]
}

/** What the log was at one moment, signed. */
export interface Checkpoint {
  readonly seq: number
  readonly at: string
  readonly [part: string]: unknown
}

/** `GET /api/v1/audit/segments`. */
export interface Segment {
  readonly file: string
  readonly first: number
  readonly last: number
  readonly count: number
  readonly sealedAt: string
}
