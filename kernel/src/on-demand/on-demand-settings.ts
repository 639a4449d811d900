import { Lifecycle, scoped } from 'tsyringe'

/** When an on-demand panel leaves; milliseconds. Tests register an instance with other values. */
@scoped(Lifecycle.ContainerScoped)
export class OnDemandSettings {
  /** After the last request of somebody known. */
  idleMs = 600_000
  /** After a connection that was nobody's, a job or a scheduled run. */
  knockMs = 20_000
  /** Something that is due sooner is waited for. */
  soonMs = 60_000
  /** Pause after the time of the next schedule could not be handed on. */
  retryMs = 30_000
}
