import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandOptions, Finished } from './command.js'
import { succeed } from './command.js'
import { Connector } from './connector.js'
import { type Distribution, debian } from './distribution.js'
import { baseImage } from './images.js'
import { Machine } from './machine.js'
import { Network } from './network.js'
import { runDirectory } from './places.js'
import { type Answer, type FetchOptions, fetchThrough } from './web.js'

/** A command line in a server that did not succeed. */
const failure = (argv: readonly string[], { code, stdout, stderr }: Finished) =>
  new Error(`${argv.join(' ')} ended with ${code}\n${stdout}${stderr}`)

let count = 0

/**
 * A whole Debian server of its own: file system, network, systemd as first process. What it was told to do stays over
 * `reboot` and `crash`; `remove` leaves nothing of it.
 */
export class Server {
  /** Those that have not been removed. */
  static readonly all = new Set<Server>()
  readonly #network: Network
  readonly #machine: Machine
  readonly connector: Connector

  private constructor(
    readonly name: string,
    private readonly directory: string,
    private readonly archive: string,
    network: Network,
  ) {
    this.#network = network
    this.connector = new Connector(network.path)
    this.#machine = new Machine({ name, root: this.root, archive, network, console: join(directory, 'console.txt') })
  }

  /** Copies the distribution's image and boots it. */
  static async boot(distribution: Distribution = debian): Promise<Server> {
    const image = await baseImage(distribution)
    return Server.bootFrom(image.root, image.archive)
  }

  /** Copies a file system and boots it. */
  static async bootFrom(root: string, archive: string): Promise<Server> {
    const name = `nusa-${process.pid}-${++count}`
    const directory = join(runDirectory(), name)
    await mkdir(directory, { recursive: true })
    await succeed(['cp', '--archive', '--reflink=auto', root, join(directory, 'root')], { timeout: 300 })
    const network = new Network(name)
    await network.make()
    const server = new Server(name, directory, archive, network)
    Server.all.add(server)
    await server.start()
    return server
  }

  /** Its file system, as this machine sees it. What the server mounts (`/run`, `/tmp`) is not in it. */
  get root(): string {
    return join(this.directory, 'root')
  }

  /** Its network, for programs of this machine that shall be in it (`nsenter --net`). */
  get network(): string {
    return this.#network.path
  }

  /** A path of the server, mounts included, as this machine sees it while the server runs. */
  path(inside: string): string {
    return join(`/proc/${this.#machine.pid}/root`, inside)
  }

  read(inside: string): Promise<string> {
    return readFile(this.path(inside), 'utf8')
  }

  /** Into a file that is there, whose owner and mode stay. */
  write(inside: string, text: string): Promise<void> {
    return writeFile(this.path(inside), text)
  }

  /** Puts a file of this machine into the server. */
  async put(file: string, inside: string): Promise<void> {
    await cp(file, join(this.root, inside))
  }

  /** Runs a program as root. Answers however it ended. */
  run(argv: readonly string[], options?: CommandOptions): Promise<Finished> {
    return this.#machine.run(argv, options)
  }

  /** Runs a program that must succeed. @returns what it printed */
  async ok(argv: readonly string[], options?: CommandOptions): Promise<string> {
    const finished = await this.run(argv, options)
    if (finished.code !== 0) throw failure(argv, finished)
    return finished.stdout
  }

  /** One request from a neighbour in its network; every name is the server. */
  fetch(url: string, options?: FetchOptions): Promise<Answer> {
    return fetchThrough(this.connector, url, options)
  }

  start(): Promise<void> {
    return this.#machine.start()
  }

  /** Shuts down as an administrator would, and starts again. */
  reboot(): Promise<void> {
    return this.#machine.reboot()
  }

  /** The power fails. `start` boots it again. */
  crash(): Promise<void> {
    return this.#machine.crash()
  }

  stop(): Promise<void> {
    return this.#machine.stop()
  }

  get running(): boolean {
    return this.#machine.running
  }

  /** Copies what helps to understand a failure: the journal, failed units, the console, the panel's logs. */
  async keepLogs(to: string): Promise<void> {
    await mkdir(to, { recursive: true })
    await cp(join(this.directory, 'console.txt'), join(to, 'console.txt'))
    await cp(join(this.root, 'var/log'), join(to, 'log'), { recursive: true, verbatimSymlinks: true })
    await succeed([
      'sh',
      '-c',
      'journalctl --no-pager --output=short-precise --directory="$0" > "$1"',
      ...[join(this.root, 'var/log/journal'), join(to, 'journal.txt')],
    ]).catch(() => {})
  }

  async remove(): Promise<void> {
    Server.all.delete(this)
    await this.crash()
    this.connector.close()
    await this.#network.remove()
    await rm(this.directory, { recursive: true, force: true })
  }
}
