import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { made } from '../server/pem/testing.js'
import { freePorts } from './free-ports.js'

export interface PebbleOptions {
  /** Where challenges over HTTP are looked for: the panel's public port. */
  readonly httpPort: number
  /** `127.0.0.1:port`. Default: one that leads every name to 127.0.0.1. */
  readonly dns?: string
  /** `PEBBLE_WFE_NONCEREJECT`, `PEBBLE_VA_ALWAYS_VALID`, … */
  readonly env?: Readonly<Record<string, string>>
  /** Key ids and keys (base64url) of external account bindings that are required. */
  readonly bindings?: Readonly<Record<string, string>>
}

/** A certificate authority of one's own: Debian's Pebble with its DNS server. */
export class Pebble {
  #processes: ChildProcess[] = []

  private constructor(
    readonly directory: string,
    readonly directoryUrl: string,
    /** Trusts the authority's own server. */
    readonly caPem: string,
    private readonly management: string,
    private readonly dnsManagement: string,
    private readonly commands: readonly { readonly file: string; readonly args: readonly string[] }[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start({ httpPort, dns, env = {}, bindings }: PebbleOptions): Promise<Pebble> {
    const directory = await mkdtemp(join(tmpdir(), 'nusa-pebble-'))
    const [acme = 0, management = 0, dnsPort = 0, dnsManagement = 0, tls = 0] = await freePorts(5)
    const own = await made({
      subject: 'localhost',
      names: ['localhost'],
      addresses: ['127.0.0.1'],
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000 * 30).toISOString(),
    })
    await writeFile(join(directory, 'cert.pem'), own.pem)
    await writeFile(join(directory, 'key.pem'), own.key)
    const config = {
      pebble: {
        listenAddress: `127.0.0.1:${acme}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: join(directory, 'cert.pem'),
        privateKey: join(directory, 'key.pem'),
        httpPort,
        tlsPort: tls,
        ocspResponderURL: '',
        externalAccountBindingRequired: bindings !== undefined,
        ...(bindings && { externalAccountMACKeys: bindings }),
      },
    }
    await writeFile(join(directory, 'config.json'), JSON.stringify(config))
    const resolver = {
      file: '/usr/bin/pebble-challtestsrv',
      args: [
        ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''],
        ...['-dns01', `127.0.0.1:${dnsPort}`, '-management', `127.0.0.1:${dnsManagement}`],
      ],
    }
    const server = {
      file: '/usr/bin/pebble',
      args: ['-config', join(directory, 'config.json'), '-dnsserver', dns ?? `127.0.0.1:${dnsPort}`],
    }
    const pebble = new Pebble(
      directory,
      `https://127.0.0.1:${acme}/dir`,
      own.pem,
      `https://127.0.0.1:${management}`,
      `http://127.0.0.1:${dnsManagement}`,
      dns ? [server] : [resolver, server],
      { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0', ...env },
    )
    try {
      await pebble.up()
      return pebble
    } catch (error) {
      await pebble.stop()
      throw error
    }
  }

  /** Starts it, also again after {@link down}; what it knew is forgotten, its ports and its certificate stay. */
  async up(): Promise<void> {
    this.#processes = this.commands.map(({ file, args }) =>
      spawn(file, args, { cwd: this.directory, env: { PATH: '/usr/bin:/bin', ...this.env }, stdio: 'ignore' }),
    )
    for (let tries = 0; ; tries++) {
      try {
        await ask(this.directoryUrl, this.caPem)
        return
      } catch (error) {
        if (tries > 400) throw error
        await new Promise(resolve => setTimeout(resolve, 25))
      }
    }
  }

  async down(): Promise<void> {
    const ended = this.#processes.map(child =>
      child.exitCode === null ? new Promise(resolve => child.once('exit', resolve)) : undefined,
    )
    for (const child of this.#processes) child.kill('SIGKILL')
    await Promise.all(ended)
    this.#processes = []
  }

  /** PEM of what everything it certifies leads to. */
  root(): Promise<string> {
    return ask(`${this.management}/roots/0`, this.caPem)
  }

  /** `Valid` or `Revoked`. @param serial lower-case hex */
  async status(serial: string): Promise<string> {
    const answer = await ask(`${this.management}/cert-status-by-serial/${serial}`, this.caPem)
    return (JSON.parse(answer) as { Status: string }).Status
  }

  /** Lets a name lead to another address than this machine's, for the authority alone. */
  async resolve(host: string, address: string): Promise<void> {
    const body = JSON.stringify({ host: `${host}.`, addresses: [address] })
    await fetch(`${this.dnsManagement}/clear-a`, { method: 'POST', body: JSON.stringify({ host: `${host}.` }) })
    await fetch(`${this.dnsManagement}/add-a`, { method: 'POST', body })
  }

  async stop(): Promise<void> {
    await this.down()
    await rm(this.directory, { recursive: true, force: true })
  }
}

function ask(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    }).on('error', reject)
  })
}
