import { setTimeout as delay } from 'node:timers/promises'
import { ProbeFailed, ReloadFailed } from '../errors.js'
import type { ResolvedService } from '../services.js'
import type { CompiledChange } from './compile.js'
import type { ChangeDeps } from './deps.js'
import { accepting } from './listeners.js'
import { probeService, probeSocket, removeStaleSocket } from './probe.js'
import type { Wanted } from './wanted.js'

const defaultTimeoutMs = 15_000

/** The part of a change that says how its service is asked. */
type Probed = Pick<CompiledChange, 'rule' | 'params'>

/** Brings one service to its new configuration and finds out whether it got there. */
export class Reloading {
  /** Whether the service ran before the last batch. */
  wasActive = false
  /** Processes of the service that served the configuration before. */
  #workers: readonly number[] = []
  /** The probes that its changes use, kept for reloads that belong to no change. */
  #known: Probed[] = []

  constructor(
    private readonly deps: ChangeDeps,
    private readonly service: ResolvedService,
  ) {}

  /** Notes how the service is before a batch touches it. */
  async remember(): Promise<void> {
    this.wasActive = await this.#isActive()
  }

  /** Starts, stops or reloads. @throws reload_failed with what the service said */
  async bring(wanted: Wanted, changes: readonly Probed[]): Promise<void> {
    if (wanted === 'untouched') return
    const { services } = this.deps
    const { ref } = this.service
    const probes = this.#probes(changes)
    try {
      const { active } = await services.status(ref)
      if (wanted === 'stopped') {
        // Also one that just fails and is started again and again.
        await services.stop(ref)
        return
      }
      if (active) {
        this.#workers = (await services.pids(ref)).slice(1)
        await services.reload(ref)
        return
      }
      for (const { rule, params } of probes) {
        const socket = rule.probe && probeSocket(this.deps.host, rule.probe, params)
        if (socket) await removeStaleSocket(socket)
      }
      await services.start(ref)
    } catch (error) {
      const { message, params } = error as Error & { params?: { output?: unknown } }
      throw ReloadFailed(
        { service: ref.service, output: typeof params?.output === 'string' ? params.output : message },
        { cause: error as Error },
      )
    }
  }

  async stopIfRunning(): Promise<void> {
    if (await this.#isActive()) await this.deps.services.stop(this.service.ref)
  }

  /** @throws probe_failed, reload_failed when the service ended instead of answering */
  async probe(wanted: Wanted, changes: readonly Probed[], revision: string | undefined): Promise<void> {
    if (wanted !== 'running') return
    const { services, host, probeTimeoutMs: timeoutMs = defaultTimeoutMs } = this.deps
    for (const { rule, params } of this.#probes(changes))
      if (rule.probe)
        await probeService(rule.probe, revision, { host, services, service: this.service, params, timeoutMs })
    await this.#oldGone(timeoutMs)
    const { active, detail } = await services.status(this.service.ref)
    if (!active) throw ReloadFailed({ service: this.service.ref.service, output: detail ?? 'is not running any more' })
  }

  async #isActive(): Promise<boolean> {
    return (await this.deps.services.status(this.service.ref)).active
  }

  /** Under load an old worker may accept long after the first new answer; until none does, the change is not in force. */
  async #oldGone(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs
    for (let wait = 1; accepting(this.#workers).length; wait = Math.min(wait * 2, 20)) {
      if (performance.now() > until)
        throw ProbeFailed({
          service: this.service.ref.service,
          expected: 'old workers that accept no more',
          got: `process ${this.#workers.join(', ')}`,
        })
      await delay(wait)
    }
    this.#workers = []
  }

  /** One change for each distinct probe: a thousand tenants behind one socket are one question. */
  #probes(changes: readonly Probed[]): readonly Probed[] {
    const distinct = new Map<string, Probed>()
    for (const change of changes) {
      const { probe } = change.rule
      if (probe) distinct.set(JSON.stringify([probe, probeSocket(this.deps.host, probe, change.params)]), change)
    }
    if (distinct.size) this.#known = [...distinct.values()]
    return this.#known
  }
}
