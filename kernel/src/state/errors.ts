import { defineProblem } from '@nusantara/sdk'

/** The store holds migrations that this version does not know: it was written by a newer version. */
export const StateNewer = defineProblem<{ owner: string; migration: string }>('state_newer', 500)
/** A later migration is recorded while an earlier one is missing, or the schema and its record disagree. */
export const StateHalfMigrated = defineProblem<{ owner: string; migration: string; later: string }>(
  'state_half_migrated',
  500,
)
/** A migration threw; its transaction was rolled back. */
export const MigrationFailed = defineProblem<{ owner: string; migration: string; reason: string }>(
  'migration_failed',
  500,
)
/** The store stayed locked by another process for longer than a request can wait. */
export const StateBusy = defineProblem<{ seconds: number }>('state_busy', 503)
/** The store cannot be reached or opened. */
export const StateUnavailable = defineProblem<{ store: string; reason: string }>('state_unavailable', 503)
