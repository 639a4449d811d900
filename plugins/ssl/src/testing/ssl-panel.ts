import { get, type IncomingHttpHeaders } from 'node:http'
import { connect, type PeerCertificate } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { createTestPanel, type TestClient, type TestPanel } from '@nusantara/sdk/testing'
import type { SiteCertificate } from '../api.js'
import { Pebble, type PebbleOptions } from './pebble.js'

const plugin = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const sites = plugin.replace(/[^/]+$/, 'sites')

export interface Seen {
  readonly status: number
  readonly headers: string
  readonly text: string
  readonly certificate: PeerCertificate
  /** `TLSv1.3` */
  readonly protocol: string
  /** `h2` or `http/1.1` */
  readonly alpn: string | false
}

export interface Question {
  /** PEM of the root to trust; without it any certificate will do. */
  readonly root?: string
  readonly path?: string
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly alpn?: readonly string[]
  readonly address?: string
  /** The host that is asked for, when it is another one than the handshake's. */
  readonly as?: string
}

/** A panel with this plugin and an authority that it asks by default. */
export class SslPanel {
  private constructor(
    readonly panel: TestPanel,
    readonly pebble: Pebble,
  ) {}

  static async start(
    options: Parameters<typeof createTestPanel>[0] = {},
    authority: Omit<PebbleOptions, 'httpPort'> = {},
  ): Promise<SslPanel> {
    const panel = await createTestPanel({ plugins: [sites, plugin], ...options })
    const pebble = await Pebble.start({ httpPort: panel.sites.http, ...authority })
    const ssl = new SslPanel(panel, pebble)
    try {
      await ssl.#introduce()
      return ssl
    } catch (error) {
      await ssl.stop()
      throw error
    }
  }

  async #introduce(): Promise<void> {
    const { directoryUrl, caPem } = this.pebble
    const authority = { id: 'pebble', name: 'Pebble', directoryUrl, caPem }
    await this.done(this.admin.post('/ssl/authorities', authority), 201)
    await this.done(this.admin.patch('/settings/ssl', { authority: 'pebble' }), 200)
  }

  get admin(): TestClient {
    return this.panel.as('admin')
  }

  /** Creates a site and waits until it answers. Answers its id. */
  async site(domain: string, more: object = {}, client = this.admin): Promise<string> {
    const answer = await this.done(client.post('/sites', { domain, runtime: 'static', ...more }), 202)
    await this.succeeded(answer.body.job.id)
    return answer.body.id
  }

  /** Sends a change and waits until its job succeeded. */
  async change(method: 'post' | 'patch' | 'delete', path: string, body?: object, client = this.admin): Promise<void> {
    const answer = await this.done(client[method](path, body), 202)
    await this.succeeded(answer.body.job.id)
  }

  async succeeded(jobId: string): Promise<void> {
    const job = await this.panel.waitForJob(jobId)
    if (job.state === 'succeeded') return
    const log = await this.admin.get(`/jobs/${jobId}/log`)
    throw new Error(`job ${job.state}: ${JSON.stringify(job.problem)}\n${log.text}`)
  }

  async failed(jobId: string): Promise<{ readonly code: string; readonly params: Readonly<Record<string, unknown>> }> {
    const job = await this.panel.waitForJob(jobId)
    if (job.state !== 'failed' || !job.problem) throw new Error(`the job ${job.state}: ${JSON.stringify(job)}`)
    return job.problem
  }

  async standing(id: string, client = this.admin): Promise<SiteCertificate> {
    return (await this.done(client.get(`/ssl/sites/${id}`), 200)).body
  }

  /** Waits until what was begun about the certificate of a site is over. */
  async settled(id: string): Promise<SiteCertificate> {
    for (;;) {
      const standing = await this.standing(id)
      if (standing.job === null && (standing.certificate || standing.failure)) return standing
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  async done<T extends { readonly status: number; readonly text: string }>(
    sent: Promise<T>,
    status: number,
  ): Promise<T> {
    const answer = await sent
    if (answer.status !== status) throw new Error(`answered ${answer.status} instead of ${status}: ${answer.text}`)
    return answer
  }

  /** Opens a name as a browser does that has resolved it. Rejects where the handshake fails. */
  visit(
    host: string,
    { root, path = '/', maxVersion, alpn, address = '127.0.0.1', as = host }: Question = {},
  ): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        {
          host: address,
          port: this.panel.sites.https,
          servername: host,
          ...(root ? { ca: root } : { rejectUnauthorized: false }),
          ...(maxVersion && { maxVersion }),
          ...(alpn && { ALPNProtocols: [...alpn] }),
        },
        () => {
          if (alpn?.[0] === 'h2') return end('')
          socket.write(`GET ${path} HTTP/1.1\r\nHost: ${as}\r\nConnection: close\r\n\r\n`)
        },
      )
      let answer = ''
      const end = (whole: string) => {
        const [head = '', ...rest] = whole.split('\r\n\r\n')
        resolve({
          status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
          headers: head,
          text: rest.join('\r\n\r\n'),
          certificate: socket.getPeerCertificate(true),
          protocol: socket.getProtocol() ?? '',
          alpn: socket.alpnProtocol ?? false,
        })
        socket.destroy()
      }
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk
      })
      socket.on('end', () => end(answer))
      socket.on('error', reject)
    })
  }

  /** Asks over plain HTTP. */
  plain(host: string, path = '/'): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders }> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: this.panel.sites.http, path, agent: false, headers: { host } }, response => {
        response.resume()
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }))
      }).on('error', reject)
    })
  }

  async stop(): Promise<void> {
    await this.panel.stop()
    await this.pebble.stop()
  }
}
