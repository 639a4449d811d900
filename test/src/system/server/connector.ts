import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./connector-process.js', import.meta.url))

export interface Target {
  readonly host: string
  readonly port: number
}

export type Order = Target & { readonly id: number }
export interface Outcome {
  readonly id: number
  readonly error?: { readonly message: string; readonly code?: string }
}

/** Opens TCP connections inside a server's network for this process: a process in that network hands them over. */
export class Connector {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (socket: Socket) => void; reject: (error: Error) => void }>()
  #last = 0

  constructor(network: string) {
    this.#child = fork(program, { execPath: 'nsenter', execArgv: [`--net=${network}`, process.execPath] })
    this.#child.on('message', (outcome: Outcome, socket) => this.#settle(outcome, socket as Socket | undefined))
    this.#child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process that connects has ended'))
      this.#waiting.clear()
    })
    // Waiting for a connection keeps the process; having somebody who could make one does not.
    this.#child.unref()
    this.#child.channel?.unref()
  }

  connect(target: Target): Promise<Socket> {
    const id = ++this.#last
    this.#child.channel?.ref()
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ ...target, id } satisfies Order)
    })
  }

  close(): void {
    this.#child.kill('SIGKILL')
  }

  #settle({ id, error }: Outcome, socket: Socket | undefined): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#child.channel?.unref()
    if (socket) waiting?.resolve(socket)
    // A connection that was closed before it was handed over arrives without its socket.
    else
      waiting?.reject(
        Object.assign(new Error(error?.message ?? 'closed at once'), { code: error?.code ?? 'ECONNRESET' }),
      )
  }
}
