import { Lifecycle, scoped } from 'tsyringe'
import type { AuditHead, Methods } from '../broker/protocol.js'

/** Somebody else's journal of the same events: the broker's, which only root can write. */
export interface Witness {
  head(): Promise<AuditHead>
  verify(checkpoint?: AuditHead): Promise<Methods['audit.verify']['result']>
}

/** Where the witness is put once there is a connection to it. */
@scoped(Lifecycle.ContainerScoped)
export class Witnesses {
  #witness?: Witness

  get current(): Witness | undefined {
    return this.#witness
  }

  use(witness: Witness | undefined): void {
    this.#witness = witness
  }
}
