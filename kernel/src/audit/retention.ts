import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { Schedules } from '../jobs/schedules.js'
import { Clock } from '../state/clock.js'
import { AuditNoRetention } from './errors.js'
import { Sealing } from './sealing.js'

const day = 86_400_000

/** Seals each night what is older than `audit.keepDays`. Without that key there is no schedule: the table keeps everything. */
@scoped(Lifecycle.ContainerScoped)
export class AuditRetention {
  readonly #keepDays: number | undefined
  #stop: (() => void) | undefined

  constructor(
    private readonly sealing: Sealing,
    private readonly schedules: Schedules,
    private readonly clock: Clock,
    @inject(CONFIG) config: Config,
  ) {
    this.#keepDays = config.audit?.keepDays
  }

  start(): void {
    if (this.#keepDays === undefined) return
    this.#stop ??= this.schedules.add('kernel', {
      name: 'audit-seal',
      cron: '17 3 * * *',
      missed: 'run_once',
      run: async (actor, signal) => void (await this.sealing.seal(this.before(), actor, signal)),
    })
  }

  stop(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  /** Entries older than this moment are to be sealed. @throws AuditNoRetention */
  before(): Date {
    if (this.#keepDays === undefined) throw AuditNoRetention()
    return new Date(this.clock.now().getTime() - this.#keepDays * day)
  }
}
