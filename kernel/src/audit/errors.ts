import { defineProblem } from '@nusantara/sdk'

/** The log does not continue what the newest signed checkpoint saw; nothing is signed until a person has looked. */
export const AuditBroken = defineProblem<{ seq: number }>('audit_broken', 500)
/** A checkpoint given to compare with is not one. */
export const CheckpointMalformed = defineProblem('audit_checkpoint_malformed', 422)
