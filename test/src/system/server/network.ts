import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { succeed } from './command.js'

const directory = '/run/netns'
/** Of the documentation ranges (RFC 5737, RFC 3849), so that nothing of a server leaves the machine. */
export const addresses = { 4: '192.0.2.10', 6: '2001:db8::10' } as const

/** A network of its own: ports of one server meet nobody else's. It stays while its server reboots. */
export class Network {
  constructor(readonly name: string) {}

  get path(): string {
    return `${directory}/${this.name}`
  }

  static async named(prefix: string): Promise<readonly string[]> {
    return existsSync(directory) ? (await readdir(directory)).filter(name => name.startsWith(prefix)) : []
  }

  async make(): Promise<void> {
    await succeed(['ip', 'netns', 'add', this.name])
    await this.#ip('link', 'set', 'lo', 'up')
    // Two ends of one cable inside: one has the server's addresses, the other makes it count as plugged in.
    await this.#ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'switch')
    await this.#ip('addr', 'add', `${addresses[4]}/24`, 'dev', 'eth0')
    await this.#ip('addr', 'add', `${addresses[6]}/64`, 'dev', 'eth0', 'nodad')
    await this.#ip('link', 'set', 'eth0', 'up')
    await this.#ip('link', 'set', 'switch', 'up')
  }

  async remove(): Promise<void> {
    if (existsSync(this.path)) await succeed(['ip', 'netns', 'delete', this.name])
  }

  #ip(...args: readonly string[]): Promise<string> {
    return succeed(['ip', '-n', this.name, ...args])
  }
}
