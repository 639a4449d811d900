import { Lifecycle, scoped } from 'tsyringe'

/** The longest delay a timer of Node takes. */
const longest = 2 ** 31 - 1

/** Delays, so that tests can move time. A timer does not keep the process alive. */
@scoped(Lifecycle.ContainerScoped)
export class Timers {
  /** Calls `run` once after `ms`; answers how to call it off. */
  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), longest))
    timer.unref()
    return () => clearTimeout(timer)
  }

  /** Resolves after `ms`, or at once when the signal aborts. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return
    await new Promise<void>(resolve => {
      const done = () => {
        cancel()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.after(ms, done)
      signal?.addEventListener('abort', done)
    })
  }
}
