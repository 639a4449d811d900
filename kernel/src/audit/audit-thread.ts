import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { programFile } from '../host/places.js'
import { AuditKey } from './audit-key.js'
import type { AuditFilter } from './audit-log.js'
import type { Checkpoint } from './checkpoint.js'
import type { StoreAddress } from './log-reader.js'
import { segmentDirectory } from './segment.js'
import type { ChainQuestion, ChainReport } from './verify-chain.js'

interface Place {
  readonly store: StoreAddress
  readonly segmentDir: string
  readonly publicKey: string
}

export type AuditTask = Place &
  (({ readonly kind: 'verify' } & ChainQuestion) | { readonly kind: 'export'; readonly filter: AuditFilter })

export type FromThread =
  | { readonly kind: 'report'; readonly report: ChainReport }
  | { readonly kind: 'lines'; readonly lines: string }
  | { readonly kind: 'end' }

/**
 * Reads the whole log in a thread with a connection of its own, so that nobody waits for it: hashing a hundred thousand
 * entries takes seconds. The thread lives for one task.
 */
@scoped(Lifecycle.ContainerScoped)
export class AuditThread {
  #verifying: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly key: AuditKey,
    @inject(CONFIG) private readonly config: Config,
  ) {}

  /** One verification at a time; the next one waits. */
  verify(kept: Checkpoint | null, given: Checkpoint | null): Promise<ChainReport> {
    const next = this.#verifying.catch(() => undefined).then(() => this.#verify(kept, given))
    this.#verifying = next
    return next
  }

  /** Pieces of an export. Ending the iteration ends the thread. */
  async *export(filter: AuditFilter): AsyncGenerator<string, void> {
    const thread = this.#start({ kind: 'export', filter })
    try {
      for (;;) {
        const message = await nextMessage(thread)
        if (message.kind !== 'lines') return
        yield message.lines
        thread.postMessage('more')
      }
    } finally {
      await thread.terminate()
    }
  }

  async #verify(kept: Checkpoint | null, given: Checkpoint | null): Promise<ChainReport> {
    const thread = this.#start({ kind: 'verify', kept, given })
    try {
      const message = await nextMessage(thread)
      if (message.kind !== 'report') throw new Error('the audit thread answered something else')
      return message.report
    } finally {
      await thread.terminate()
    }
  }

  #start(
    task:
      | { readonly kind: 'verify'; readonly kept: Checkpoint | null; readonly given: Checkpoint | null }
      | { readonly kind: 'export'; readonly filter: AuditFilter },
  ): Worker {
    const { home, databaseUrl } = this.config
    const place: Place = {
      store: databaseUrl ? { url: databaseUrl } : { file: join(home, 'panel.sqlite') },
      segmentDir: segmentDirectory(this.config),
      publicKey: this.key.publicKey,
    }
    const workerData = { ...place, ...task } as AuditTask
    const thread = new Worker(programFile('audit/audit-worker.js'), { execArgv: [], workerData })
    // Who waits for a message hears of it there; between two messages nobody does.
    thread.on('error', () => undefined)
    return thread
  }
}

function nextMessage(thread: Worker): Promise<FromThread> {
  return new Promise((resolve, reject) => {
    const settle =
      <T>(then: (value: T) => void) =>
      (value: T) => {
        thread.off('message', message)
        thread.off('error', failed)
        thread.off('exit', ended)
        then(value)
      }
    const message = settle(resolve)
    const failed = settle(reject)
    const ended = settle((code: number) => reject(new Error(`the audit thread ended with ${code}`)))
    thread.on('message', message)
    thread.on('error', failed)
    thread.on('exit', ended)
  })
}
