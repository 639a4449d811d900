import { type Actor, type Logger, type SettingsDefinition, systemActor } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { LOGGER } from '../config/token.js'
import { Outbox } from '../events/outbox.js'
import { JobPruning } from '../jobs/job-pruning.js'
import { RunnerSettings } from '../jobs/runner-settings.js'
import { Schedules } from '../jobs/schedules.js'
import { Notifications } from '../notifications/notifications.js'
import { type KernelValues, kernelSettings } from '../settings/kernel-settings.js'
import { Settings } from '../settings/settings.js'
import { Clock } from '../state/clock.js'
import { Leftovers } from './leftovers.js'

const dayMs = 86_400_000
/** What nobody has read stays this long. */
const unreadDays = 365

/** Keeps what grows with use within the bounds that the kernel's settings name: every hour, a little at a time. */
@scoped(Lifecycle.ContainerScoped)
export class Retention {
  readonly #disposers: (() => void)[] = []

  constructor(
    private readonly settings: Settings,
    private readonly schedules: Schedules,
    private readonly jobs: JobPruning,
    private readonly outbox: Outbox,
    private readonly notifications: Notifications,
    private readonly leftovers: Leftovers,
    private readonly runner: RunnerSettings,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Offers the settings, and runs by schedule where schedules run. @throws SettingInvalid, SettingsNewer */
  async start(): Promise<void> {
    const { settings, dispose } = this.settings.register('kernel', kernelSettings as SettingsDefinition<unknown>)
    this.#disposers.push(dispose)
    const apply = (values: unknown) => {
      this.runner.logBytes = (values as KernelValues).jobLogKib * 1024
    }
    this.#disposers.push(settings.onChange(apply))
    apply(await settings.get())
    const run = async (actor: Actor, signal: AbortSignal) =>
      this.prune((await settings.get()) as unknown as KernelValues, actor, signal)
    this.#disposers.push(
      // While the panel is away nothing grows.
      this.schedules.add('kernel', { name: 'retention', cron: '23 * * * *', missed: 'run_once', wakes: false, run }),
    )
  }

  stop(): void {
    for (const dispose of this.#disposers.splice(0)) dispose()
  }

  /** One pass over everything. */
  async prune(values: KernelValues, actor: Actor = systemActor('kernel'), signal = neverAborted()): Promise<void> {
    const ago = (days: number) => new Date(this.clock.now().getTime() - days * dayMs)
    const jobs = await this.jobs.prune({ before: ago(values.jobDays), most: values.jobsKept }, signal)
    const { dropped, behind } = await this.outbox.prune(ago(values.eventDays))
    for (const plugin of behind) {
      this.logger.warn({ plugin, days: values.eventDays }, `plugin ${plugin} was off for too long and misses events`)
    }
    const notifications = await this.notifications.prune(ago(values.notificationDays), ago(unreadDays))
    await this.leftovers.prune()
    const params = { jobs: jobs.gone, trimmedJobs: jobs.trimmed, events: dropped, notifications }
    if (Object.values(params).every(count => count === 0)) return
    await this.audit.record({ actor, action: 'retention.pruned', params, outcome: 'success' })
  }
}

function neverAborted(): AbortSignal {
  return new AbortController().signal
}
