import type { Logger } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { Sealer } from '../auth/sealed.js'
import { LOGGER } from '../config/token.js'
import { Clock } from '../state/clock.js'
import { JobActors } from './job-actors.js'
import { JobEvents } from './job-events.js'
import { JobStore } from './job-store.js'
import { JobTypes } from './job-types.js'
import { RunnerSettings } from './runner-settings.js'
import type { Seal } from './secrets.js'
import { Timers } from './timers.js'

/** What every running job needs. */
@scoped(Lifecycle.ContainerScoped)
export class RunParts {
  constructor(
    readonly store: JobStore,
    readonly types: JobTypes,
    readonly actors: JobActors,
    readonly events: JobEvents,
    readonly audit: AuditLog,
    readonly sealer: Sealer,
    readonly clock: Clock,
    readonly timers: Timers,
    readonly settings: RunnerSettings,
    @inject(LOGGER) readonly logger: Logger,
  ) {}

  /** Seals for one job: what belongs to it opens for no other. */
  seal(jobId: string): Seal {
    const purpose = `job:${jobId}`
    return {
      seal: value => this.sealer.seal(value, purpose),
      open: sealed => this.sealer.open(sealed, purpose),
    }
  }
}
