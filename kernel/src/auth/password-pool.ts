import { Worker } from 'node:worker_threads'
import { programFile } from '../host/places.js'
import { SignInBusy } from './errors.js'

export type PasswordTask =
  | { readonly kind: 'hash'; readonly text: string; readonly cost: number }
  | { readonly kind: 'compare'; readonly text: string; readonly hash: string }
  | { readonly kind: 'common'; readonly candidates: readonly string[] }

export type PasswordAnswer = { readonly id: number } & (
  | { readonly result: string | boolean }
  | { readonly error: string }
)

/**
 * `guest` is work that strangers can cause: it gets one thread and a short queue, so that a flood of it never stands in
 * the way of `known`, the work of people who signed in from the same address before or are signed in.
 */
export type Lane = 'known' | 'guest'

interface Job {
  readonly task: PasswordTask
  readonly lane: Lane
  resolve(result: string | boolean): void
  reject(error: Error): void
}

interface Slot {
  readonly worker: Worker
  job?: Job
}

const threads = 2
const longestQueue: Record<Lane, number> = { known: 64, guest: 16 }
const idleMs = 30_000

/** A few threads for work that takes a quarter of a second each; none while there is nothing to do. */
export class PasswordPool {
  readonly #slots: Slot[] = []
  readonly #queues: Record<Lane, Job[]> = { known: [], guest: [] }
  #idle?: NodeJS.Timeout

  get threads(): number {
    return this.#slots.length
  }

  /** @throws SignInBusy when the lane's queue is full */
  run(task: PasswordTask, lane: Lane): Promise<string | boolean> {
    if (this.#queues[lane].length >= longestQueue[lane]) return Promise.reject(SignInBusy())
    return new Promise((resolve, reject) => {
      this.#queues[lane].push({ task, lane, resolve, reject })
      this.#next()
    })
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle)
    const waiting = [...this.#queues.known.splice(0), ...this.#queues.guest.splice(0)]
    for (const job of waiting) job.reject(SignInBusy())
    await Promise.all(this.#slots.splice(0).map(({ worker }) => worker.terminate()))
  }

  #next(): void {
    clearTimeout(this.#idle)
    for (let job = this.#take(); job; job = this.#take()) this.#assign(job)
    if (this.#slots.every(slot => !slot.job)) this.#idle = setTimeout(() => void this.stop(), idleMs).unref()
  }

  #take(): Job | undefined {
    const busy = this.#slots.filter(slot => slot.job)
    if (busy.length >= threads) return undefined
    const known = this.#queues.known.shift()
    if (known) return known
    return busy.some(slot => slot.job?.lane === 'guest') ? undefined : this.#queues.guest.shift()
  }

  #assign(job: Job): void {
    const slot = this.#slots.find(each => !each.job) ?? this.#open()
    slot.job = job
    slot.worker.ref()
    slot.worker.postMessage({ id: 0, task: job.task })
  }

  #open(): Slot {
    const worker = new Worker(programFile('auth/password-worker.js'), { execArgv: [], env: {} })
    const slot: Slot = { worker }
    worker.on('message', (answer: PasswordAnswer) => {
      const { job } = slot
      slot.job = undefined
      worker.unref()
      if ('error' in answer) job?.reject(new Error(answer.error))
      else job?.resolve(answer.result)
      this.#next()
    })
    const gone = (error: Error) => {
      const index = this.#slots.indexOf(slot)
      if (index >= 0) this.#slots.splice(index, 1)
      slot.job?.reject(error)
      slot.job = undefined
      if (this.#queues.known.length + this.#queues.guest.length > 0) this.#next()
    }
    worker.on('error', gone)
    worker.on('exit', () => gone(new Error('the password thread ended')))
    this.#slots.push(slot)
    return slot
  }
}
