import type { ResolvedService } from '../services.js'
import type { ChangeDeps } from './deps.js'
import type { Member } from './member.js'
import { BusyPaths, Pipeline } from './pipeline.js'
import { serviceKey } from './records.js'
import type { ChangeStore } from './store.js'
import { Transaction } from './transaction.js'

interface Entry {
  readonly pipeline: Pipeline
  transaction: Transaction
  /** Digest of the policy that the transaction works by. */
  policy: string
}

/** The pipeline of each service instance, made when first needed. */
export class Pipelines {
  readonly #entries = new Map<string, Entry>()
  readonly #busy = new BusyPaths()

  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
  ) {}

  add(member: Member): void {
    this.of(member.compiled.service, member.compiled.policy).add(member)
  }

  /** @param policy digest; a new policy may check, reload or stage differently */
  of(service: ResolvedService, policy: string): Pipeline {
    const key = serviceKey(service.ref)
    const known = this.#entries.get(key)
    if (known) {
      if (known.policy !== policy) {
        known.transaction = new Transaction(this.deps, this.store, service)
        known.policy = policy
      }
      return known.pipeline
    }
    const made: Entry = {
      transaction: new Transaction(this.deps, this.store, service),
      policy,
      pipeline: new Pipeline(this.#busy, members => made.transaction.run(members)),
    }
    this.#entries.set(key, made)
    return made.pipeline
  }

  async idle(): Promise<void> {
    for (const { pipeline } of this.#entries.values()) await pipeline.idle()
  }
}
