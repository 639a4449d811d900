import { defineProblem } from '@nusantara/sdk'

/** The log does not continue what the newest signed checkpoint saw; nothing is signed until a person has looked. */
export const AuditBroken = defineProblem<{ seq: number }>('audit_broken', 500)
/** The file of a segment cannot be written; nothing was sealed. */
export const AuditSegmentUnwritable = defineProblem<{ directory: string; reason: string }>(
  'audit_segment_unwritable',
  500,
)
/** Sealing was asked for without a moment, and no retention is configured. */
export const AuditNoRetention = defineProblem('audit_no_retention', 409)
