import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { BrokerClient } from '../broker-client/broker-client.js'
import type { Config } from '../config/config.js'
import { CONFIG, LOGGER } from '../config/token.js'
import { Traffic } from '../http/traffic.js'
import { Runner } from '../jobs/runner.js'
import { Schedules } from '../jobs/schedules.js'
import { PluginHost } from '../plugins/plugin-host.js'
import { Clock } from '../state/clock.js'
import { OnDemandSettings } from './on-demand-settings.js'
import { PendingMarker } from './pending-marker.js'

/** The broker takes no time that is further away; the panel asks again when it comes. */
const furthestMs = 390 * 86_400_000

/**
 * Lets a panel that its sockets start leave when nobody needs it. Before it goes the broker knows when it is needed next, and
 * a mark says whether something was left open; both are there again should the machine stop at any moment.
 */
@scoped(Lifecycle.ContainerScoped)
export class OnDemand {
  readonly #marker: PendingMarker
  #timer: NodeJS.Timeout | undefined
  #busyAt = performance.now()
  #leaving = false
  #stopped = false
  /** Asks what is open, also once plugins have stopped. */
  #unfinished: ReturnType<Runner['unfinished']> | undefined
  #somethingLeft = false

  constructor(
    @inject(CONFIG) private readonly config: Config,
    @inject(LOGGER) private readonly logger: Logger,
    private readonly settings: OnDemandSettings,
    private readonly traffic: Traffic,
    private readonly runner: Runner,
    private readonly schedules: Schedules,
    private readonly plugins: PluginHost,
    private readonly broker: BrokerClient,
    private readonly clock: Clock,
  ) {
    this.#marker = new PendingMarker(config.home)
  }

  /** Whether somebody would start the panel again: a server's service manager that holds its door. */
  get #startable(): boolean {
    const { profile, roles, handed } = this.config
    return profile === 'system' && roles.includes('web') && (handed?.get('https')?.length ?? 0) > 0
  }

  /** Whether the panel may leave, as things stand now. */
  get wanted(): boolean {
    const resident = () => this.plugins.list().some(({ enabled, manifest }) => enabled && manifest?.resident)
    return this.#startable && (this.config.onDemand ?? !resident())
  }

  /** Something came in between the decision to leave and the end: whoever started the panel should start it again. */
  get somethingLeft(): boolean {
    return this.#somethingLeft
  }

  /** Before anything can be accepted: from now on a reboot starts the panel again. */
  start(): void {
    if (this.#startable) this.#marker.set()
  }

  /** @param leave ends the process in order; must stop listening in the same turn */
  watch(leave: () => void): void {
    if (!this.#startable) return
    const { knockMs, idleMs, retryMs } = this.settings
    const look = async () => {
      let pause = Math.min(knockMs, idleMs) / 4
      try {
        if (this.#restMs() <= 0 && (await this.#mayLeave()) && !this.#stopped && this.#restMs() <= 0) {
          this.#leaving = true
          leave()
          return
        }
      } catch (error) {
        this.logger.warn({ err: error }, 'the panel stays, because it could not hand on when it is needed next')
        pause = retryMs
      }
      if (!this.#stopped) this.#timer = setTimeout(look, pause).unref()
    }
    this.#timer = setTimeout(look, Math.min(knockMs, idleMs) / 4).unref()
  }

  /** Called last of all parts: after an orderly leave the mark goes, unless something is open after all. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    if (!this.#leaving) return
    const { now, due } = (await this.#unfinished?.()) ?? { now: false }
    this.#somethingLeft =
      now || (due !== undefined && due.getTime() < this.clock.now().getTime() + this.settings.soonMs)
    if (!this.#somethingLeft) this.#marker.clear()
  }

  /** Milliseconds until nobody has been there for long enough; 0 or less: now. */
  #restMs(): number {
    const { traffic, settings } = this
    const now = performance.now()
    if (traffic.connections > 0 || this.runner.active > 0 || this.schedules.running) this.#busyAt = now
    const since = Math.max(traffic.lastSeen, this.#busyAt)
    const knock = since + settings.knockMs - now
    return Math.max(knock, traffic.lastUsed === undefined ? 0 : traffic.lastUsed + settings.idleMs - now)
  }

  /** Nothing open or soon due; and the broker knows when the panel is needed next. @throws when it cannot be told */
  async #mayLeave(): Promise<boolean> {
    if (!this.wanted) return false
    // Jobs and schedules are another process's, which has its own word with the broker.
    if (!this.config.roles.includes('runner')) return true
    this.#unfinished = this.runner.unfinished()
    const { now, due } = await this.#unfinished()
    if (now) {
      this.#busyAt = performance.now()
      return false
    }
    const next = earliest(due, this.schedules.nextWake())
    const ahead = next && next.getTime() - this.clock.now().getTime()
    if (ahead !== undefined && ahead < this.settings.soonMs) return false
    const at = next && new Date(this.clock.now().getTime() + Math.min(ahead as number, furthestMs))
    await this.broker.call('timer.set', { at: at?.toISOString() ?? null })
    return true
  }
}

function earliest(...times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap(time => time?.getTime() ?? [])
  return known.length ? new Date(Math.min(...known)) : undefined
}
