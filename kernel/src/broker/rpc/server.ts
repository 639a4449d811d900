import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { groupNamed } from '../users.js'
import { Connection } from './connection.js'
import type { Rpc } from './rpc.js'

/** Connections at once on each socket; with the longest message this bounds what clients can make the broker hold. */
const maxConnections = 16

/** The broker's two sockets. */
export class RpcServer {
  readonly #servers: Server[] = []
  readonly #connections = new Set<Connection>()
  #idle: (() => void) | undefined

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

  /** Opens both sockets. Their modes are set before a client can know of them. */
  async open(): Promise<void> {
    const gid = this.options.panelGroup === undefined ? undefined : groupNamed(this.options.panelGroup)?.gid
    if (this.options.panelGroup !== undefined && gid === undefined)
      throw new Error(`group ${this.options.panelGroup} does not exist; create it or change panelGroup`)
    const made = mkdirSync(this.options.socketDir, { recursive: true, mode: 0o750 })
    // A directory of somebody else's making has the owner and mode that its maker wanted.
    if (made !== undefined && gid !== undefined) chownSync(this.options.socketDir, process.geteuid?.() ?? 0, gid)
    await this.#listen(this.adminSocket, true, 0o600)
    await this.#listen(this.panelSocket, false, 0o660, gid)
  }

  /** Takes no more requests, answers those that run, closes. */
  async close(): Promise<void> {
    const closed = this.#servers.map(server => new Promise<void>(resolve => server.close(() => resolve())))
    const running = new Promise<void>(resolve => {
      this.#idle = resolve
    })
    for (const connection of this.#connections) connection.finish()
    this.#checkIdle()
    await running
    for (const connection of this.#connections) connection.finish()
    await Promise.all(closed)
  }

  #listen(path: string, admin: boolean, mode: number, gid?: number): Promise<void> {
    rmSync(path, { force: true })
    const server = createServer(socket => {
      const connection = new Connection(socket, this.rpc, admin, () => this.#checkIdle())
      this.#connections.add(connection)
      socket.once('close', () => this.#connections.delete(connection))
    })
    server.maxConnections = maxConnections
    this.#servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      const umask = process.umask(0o177)
      server.listen(path, () => {
        if (gid !== undefined) chownSync(path, process.geteuid?.() ?? 0, gid)
        chmodSync(path, mode)
        server.off('error', reject)
        server.on('error', error => process.stderr.write(`${path}: ${error.message}\n`))
        resolve()
      })
      process.umask(umask)
    })
  }

  #checkIdle(): void {
    if (this.#idle && [...this.#connections].every(connection => !connection.busy)) this.#idle()
  }
}
