import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { selfSigned } from '../../self-signed.js'
import { addresses } from './network.js'
import { runDirectory } from './places.js'
import type { Server } from './server.js'
import { until } from './until.js'

const acme = '127.0.0.1:14000'
const management = '127.0.0.1:15000'
const dns = '127.0.0.1:53'

/**
 * A certificate authority in the network of a server (Debian's Pebble), and the DNS that both ask: every name is the server.
 * It is none of the server's processes, so it stays when the server reboots.
 */
export class Authority {
  readonly directoryUrl = `https://${acme}/dir`
  readonly #processes: ChildProcess[] = []

  private constructor(
    private readonly server: Server,
    private readonly directory: string,
    /** PEM that vouches for the authority's own server. */
    readonly caPem: string,
  ) {}

  static async beside(server: Server): Promise<Authority> {
    const directory = await mkdtemp(join(runDirectory(), 'authority-'))
    const { certificate, key } = await selfSigned(['DNS:localhost', 'IP:127.0.0.1'])
    const authority = new Authority(server, directory, certificate)
    const files = { certificate: join(directory, 'cert.pem'), privateKey: join(directory, 'key.pem') }
    await writeFile(files.certificate, certificate)
    await writeFile(files.privateKey, key)
    const listen = { listenAddress: acme, managementListenAddress: management }
    const pebble = { ...listen, ...files, httpPort: 80, tlsPort: 443, ocspResponderURL: '' }
    const config = join(directory, 'config.json')
    await writeFile(config, JSON.stringify({ pebble }))
    const addressing = ['-defaultIPv4', addresses[4], '-defaultIPv6', addresses[6]]
    const silent = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-management', '127.0.0.1:8055']
    authority.#run(['pebble-challtestsrv', ...silent, ...addressing, '-dns01', dns])
    authority.#run(['pebble', '-config', config, '-dnsserver', dns])
    await server.ok(['dd', 'of=/etc/resolv.conf', 'status=none'], { input: 'nameserver 127.0.0.1\n' })
    await until('the authority', async () => (await authority.#ask(authority.directoryUrl)) !== '')
    return authority
  }

  /** PEM of what everything it certifies leads to. */
  root(): Promise<string> {
    return this.#ask(`https://${management}/roots/0`)
  }

  /** SHA-256 of the key that signs for it, base64: a browser finds it in the chain that a site presents. */
  async signer(): Promise<string> {
    const { publicKey } = new X509Certificate(await this.#ask(`https://${management}/intermediates/0`))
    return createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64')
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGKILL')
    await rm(this.directory, { recursive: true, force: true })
  }

  async #ask(url: string): Promise<string> {
    return (await this.server.fetch(url, { ca: this.caPem })).body
  }

  /** Dies with this process. */
  #run(argv: readonly string[]): void {
    const env = { PATH: process.env.PATH, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' }
    const args = [`--net=${this.server.network}`, 'setpriv', '--pdeathsig', 'KILL', ...argv]
    this.#processes.push(spawn('nsenter', args, { cwd: this.directory, env, stdio: 'ignore' }))
  }
}
