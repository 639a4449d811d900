import type { Logger, ServiceToken } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { ServiceTaken } from '../plugins/errors.js'

type Use = (service: unknown) => undefined | (() => void)

interface Waiter {
  readonly use: Use
  /** What `use` returned for the service that is there now. */
  dispose: (() => void) | undefined
}

/** What plugins offer each other as calls, by token name. */
@scoped(Lifecycle.ContainerScoped)
export class Services {
  readonly #provided = new Map<string, { readonly plugin: string; readonly service: unknown }>()
  readonly #waiters = new Map<string, Set<Waiter>>()

  constructor(@inject(LOGGER) private readonly log: Logger) {}

  /** Tells who waits for it. The disposer tells them that it goes, before it is gone. @throws ServiceTaken */
  provide<T>(plugin: string, token: ServiceToken<T>, service: T): () => void {
    if (this.#provided.has(token.name)) throw ServiceTaken({ plugin, service: token.name })
    const entry = { plugin, service }
    this.#provided.set(token.name, entry)
    for (const waiter of [...(this.#waiters.get(token.name) ?? [])]) {
      this.#guarded(token.name, () => {
        waiter.dispose = waiter.use(service)
      })
    }
    return () => {
      if (this.#provided.get(token.name) !== entry) return
      for (const waiter of [...(this.#waiters.get(token.name) ?? [])]) {
        this.#guarded(token.name, () => release(waiter))
      }
      this.#provided.delete(token.name)
    }
  }

  find<T>(token: ServiceToken<T>): T | undefined {
    return this.#provided.get(token.name)?.service as T | undefined
  }

  /** Calls `use` now or whenever the service appears; what it returned is called when the service goes, or the user does. */
  when<T>(token: ServiceToken<T>, use: (service: T) => undefined | (() => void)): () => void {
    const waiter: Waiter = { use: use as Use, dispose: undefined }
    const waiters = this.#waiters.get(token.name) ?? new Set<Waiter>()
    this.#waiters.set(token.name, waiters.add(waiter))
    const present = this.#provided.get(token.name)
    if (present) waiter.dispose = waiter.use(present.service)
    return () => {
      if (!waiters.delete(waiter)) return
      release(waiter)
      if (waiters.size === 0) this.#waiters.delete(token.name)
    }
  }

  /** Who waits and fails at it is no reason for the one who provides to fail. */
  #guarded(service: string, run: () => void): void {
    try {
      run()
    } catch (err) {
      this.log.error({ err, service }, `somebody who waited for the service ${service} failed when it came or went`)
    }
  }

  /** How many services and waiters there are, for tests that count. */
  get size(): number {
    return this.#provided.size + [...this.#waiters.values()].reduce((sum, set) => sum + set.size, 0)
  }
}

function release(waiter: Waiter): void {
  const dispose = waiter.dispose
  waiter.dispose = undefined
  dispose?.()
}
