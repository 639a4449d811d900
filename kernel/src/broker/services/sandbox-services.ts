import type { ServiceStatus } from '@nusantara/sdk'
import type { Host } from '../host.js'
import type { ListedService, ResolvedService, ServiceManager, ServiceRef } from '../services.js'
import { ServiceRecords } from './records.js'
import { defaultLimits, type Limits, Supervised } from './supervised.js'

/** Services of the sandbox profile: foreground processes that the broker starts, adopts and restarts. */
export class SandboxServices implements ServiceManager {
  readonly #records: ServiceRecords
  readonly #running = new Map<string, Supervised>()
  readonly #timer: NodeJS.Timeout

  constructor(
    private readonly host: Host,
    stateDirectory: string,
    private readonly limits: Limits = defaultLimits,
  ) {
    this.#records = new ServiceRecords(stateDirectory)
    this.#timer = setInterval(() => {
      for (const supervised of this.#running.values()) supervised.watch()
    }, 500)
    this.#timer.unref()
  }

  async status(service: ResolvedService): Promise<ServiceStatus> {
    return this.#of(service).status()
  }

  start(service: ResolvedService): Promise<ServiceStatus> {
    const supervised = this.#of(service)
    return supervised.exclusively(() => supervised.start())
  }

  stop(service: ResolvedService): Promise<ServiceStatus> {
    const supervised = this.#of(service)
    return supervised.exclusively(() => supervised.stop())
  }

  restart(service: ResolvedService): Promise<ServiceStatus> {
    const supervised = this.#of(service)
    return supervised.exclusively(async () => {
      await supervised.stop('running')
      return supervised.start()
    })
  }

  signal(service: ResolvedService, name: 'HUP' | 'USR1' | 'USR2'): Promise<ServiceStatus> {
    const supervised = this.#of(service)
    return supervised.exclusively(async () => supervised.signal(name))
  }

  async pids(service: ResolvedService): Promise<readonly number[]> {
    return this.#of(service).pids()
  }

  async adopt(resolve: (ref: ServiceRef) => ResolvedService): Promise<void> {
    for (const record of this.#records.all()) {
      try {
        this.#of(resolve(record.ref)).adopt(record)
      } catch (error) {
        // Its manifest or tenant is gone; the process, if any, is left as it is and named.
        process.stderr.write(`service ${record.unit} is not adopted: ${(error as Error).message}\n`)
      }
    }
  }

  async revive(): Promise<void> {
    await Promise.all([...this.#running.values()].map(each => each.exclusively(() => each.revive())))
    for (const supervised of this.#running.values()) {
      const { active, detail } = supervised.status()
      if (supervised.desired === 'running' && !active)
        process.stderr.write(`service ${supervised.service.unit} does not run: ${detail}\n`)
    }
  }

  async list(): Promise<readonly ListedService[]> {
    return [...this.#running.values()].map(supervised => supervised.listed())
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map(each => each.exclusively(() => each.stop(each.desired))))
  }

  close(): void {
    clearInterval(this.#timer)
    for (const supervised of this.#running.values()) supervised.release()
  }

  #of(service: ResolvedService): Supervised {
    let supervised = this.#running.get(service.unit)
    if (!supervised) {
      supervised = new Supervised(service, this.host, this.#records, this.limits)
      this.#running.set(service.unit, supervised)
    }
    return supervised
  }
}
