/**
 * Why a running job is told to stop: `cancel` and `timeout` take back what it did, `drain` leaves it for the next start,
 * `lost` means that another runner holds it.
 */
export type StopReason = 'cancel' | 'timeout' | 'drain' | 'lost'

/** Thrown inside a run to leave it; never a step's failure. */
export class Interrupted extends Error {
  constructor(readonly reason: StopReason) {
    super(`the job was stopped: ${reason}`)
  }
}

/** The step was told to stop and has not ended; nobody knows what it still does. */
export class Stuck extends Error {
  constructor(readonly step: string) {
    super(`step ${step} did not end`)
  }
}

/** The job's signals and the reason why they were aborted; the first reason stays, but losing the job overrides. */
export class Interruption {
  readonly #stop = new AbortController()
  readonly #leave = new AbortController()
  #reason: StopReason | undefined
  #draining = false

  /** Aborted for whatever reason: the way forward ends. */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  /** Aborted when this process is to let go of the job. Nothing else ends the way back. */
  get left(): AbortSignal {
    return this.#leave.signal
  }

  get reason(): StopReason | undefined {
    return this.#reason
  }

  interrupt(reason: StopReason): void {
    if (this.#reason === undefined || reason === 'lost') this.#reason = reason
    if (reason === 'drain' || reason === 'lost') this.#leave.abort(new Interrupted(reason))
    this.#stop.abort(new Interrupted(reason))
  }

  /** Stop at the next step boundary, without telling the step. */
  drain(): void {
    this.#draining = true
  }

  get draining(): boolean {
    return this.#draining || this.#reason === 'drain'
  }

  /** @throws Interrupted when the job should not go on */
  check(): void {
    if (this.#reason !== undefined) throw new Interrupted(this.#reason)
    if (this.#draining) throw new Interrupted('drain')
  }

  /** @throws Interrupted when this process should let go of the job */
  checkLeft(): void {
    if (this.#reason === 'lost') throw new Interrupted('lost')
    if (this.draining) throw new Interrupted('drain')
  }
}
