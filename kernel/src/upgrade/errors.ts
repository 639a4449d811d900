import { defineProblem } from '@nusantara/sdk'

/** A panel of the new version started on a copy of the state and did not answer. */
export const RehearsalUnanswered = defineProblem<{ reason: string }>('rehearsal_unanswered', 500)
