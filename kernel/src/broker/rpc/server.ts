import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { HandedSockets } from '../../host/handed-sockets.js'
import { groupNamed } from '../users.js'
import { Connection } from './connection.js'
import type { Rpc } from './rpc.js'

/** Connections at once on each socket; with the longest message this bounds what clients can make the broker hold. */
const maxConnections = 16

/** Names of the two sockets that a service manager hands over. */
export const socketNames = { panel: 'panel', admin: 'admin' } as const

/** The broker's two sockets: of its own making, or handed over by a service manager, which keeps them and their modes. */
export class RpcServer {
  readonly #servers: Server[] = []
  readonly #connections = new Set<Connection>()
  #idle: (() => void) | undefined
  #lastSeen = performance.now()

  constructor(
    private readonly rpc: Rpc,
    private readonly options: { readonly socketDir: string; readonly panelGroup?: string },
  ) {}

  get panelSocket(): string {
    return `${this.options.socketDir}/broker.sock`
  }

  get adminSocket(): string {
    return `${this.options.socketDir}/broker-admin.sock`
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Moment (performance.now()) at which somebody last connected or left. */
  get lastSeen(): number {
    return this.#lastSeen
  }

  /**
   * Opens both sockets. Their modes are set before a client can know of them.
   *
   * @param handed empty: the sockets are made here
   */
  async open(handed: HandedSockets = new Map()): Promise<void> {
    if (handed.size) {
      const [panel, admin] = [socketNames.panel, socketNames.admin].map(name => handedSocket(handed, name))
      await this.#listen({ fd: admin as number }, true)
      await this.#listen({ fd: panel as number }, false)
      return
    }
    const gid = this.options.panelGroup === undefined ? undefined : groupNamed(this.options.panelGroup)?.gid
    if (this.options.panelGroup !== undefined && gid === undefined)
      throw new Error(`group ${this.options.panelGroup} does not exist; create it or change panelGroup`)
    const made = mkdirSync(this.options.socketDir, { recursive: true, mode: 0o750 })
    // A directory of somebody else's making has the owner and mode that its maker wanted.
    if (made !== undefined && gid !== undefined) chownSync(this.options.socketDir, process.geteuid?.() ?? 0, gid)
    await this.#make(this.adminSocket, true, 0o600)
    await this.#make(this.panelSocket, false, 0o660, gid)
  }

  /** Takes no more requests, answers those that run, closes. */
  async close(): Promise<void> {
    const closed = this.#servers.map(server => new Promise<void>(resolve => server.close(() => resolve())))
    const running = new Promise<void>(resolve => {
      this.#idle = resolve
    })
    // Who connected a moment ago has been accepted, and what they sent is answered.
    for (let turn = 0; turn < 2; turn++) await nextTurn()
    for (const connection of this.#connections) connection.finish()
    this.#checkIdle()
    await running
    for (const connection of this.#connections) connection.finish()
    await Promise.all(closed)
  }

  async #make(path: string, admin: boolean, mode: number, gid?: number): Promise<void> {
    rmSync(path, { force: true })
    const umask = process.umask(0o177)
    // The socket is made inside listen(), synchronously: it never exists with a wider mode.
    const listening = this.#listen({ path }, admin)
    process.umask(umask)
    await listening
    if (gid !== undefined) chownSync(path, process.geteuid?.() ?? 0, gid)
    chmodSync(path, mode)
  }

  #listen(on: { readonly path: string } | { readonly fd: number }, admin: boolean): Promise<void> {
    const server = createServer(socket => {
      const connection = new Connection(socket, this.rpc, admin, () => this.#checkIdle())
      this.#connections.add(connection)
      this.#lastSeen = performance.now()
      socket.once('close', () => {
        this.#connections.delete(connection)
        this.#lastSeen = performance.now()
      })
    })
    server.maxConnections = maxConnections
    this.#servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(on, () => {
        server.off('error', reject)
        server.on('error', error => process.stderr.write(`${admin ? 'admin' : 'panel'} socket: ${error.message}\n`))
        resolve()
      })
    })
  }

  #checkIdle(): void {
    if (this.#idle && [...this.#connections].every(connection => !connection.busy)) this.#idle()
  }
}

function handedSocket(handed: HandedSockets, name: string): number {
  const [descriptor] = handed.get(name) ?? []
  if (descriptor !== undefined) return descriptor
  throw new Error(`the socket '${name}' was not handed over; start its unit: systemctl start nusantara-broker*.socket`)
}
