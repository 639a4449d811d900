import { Client } from '@nusantara/kernel/testing'
import type { TestJob, TestResponse } from '@nusantara/sdk/testing'
import type { Server } from './server.js'
import { until } from './until.js'
import { agentThrough } from './web.js'

export const administrator = { username: 'admin', password: 'correct horse battery staple' }
/** Of the panel, as its neighbours open it. */
export const panelUrl = 'https://localhost:8443'

const home = '/var/lib/nusantara'
const terminal = new Set(['succeeded', 'failed', 'cancelled', 'unknown'])

/** A site as the panel's API describes it; what the tests read of it. */
export interface Site {
  readonly id: string
  readonly domain: string
  /** Name of its Unix user, its directories and its sockets. */
  readonly tenant: string
}

/** What the panel presents itself with, to be trusted and no other. */
export const panelCertificate = (server: Server): Promise<string> => server.read(`${home}/tls-cert.pem`)

/** A browser that nobody has signed in with. */
export async function anyone(server: Server): Promise<Client> {
  const certificate = await panelCertificate(server)
  return new Client(
    () => panelUrl,
    certificate,
    ca => agentThrough(server.connector, ca),
  )
}

/** The administrator's browser. Sets the panel up first, when nobody has. */
export async function signIn(server: Server): Promise<Administrator> {
  const client = await anyone(server)
  const token = await server.read(`${home}/setup-token`).catch(() => undefined)
  const { username, password } = administrator
  const answer = token
    ? await client.post('/setup', { token: token.trim(), username, password, locale: 'en' })
    : await client.post('/auth/login', { username, password })
  if (answer.status >= 300) throw new Error(`signing in answered ${answer.status}: ${answer.text}`)
  return new Administrator(client)
}

/** Requests of a signed-in administrator, and what they come to. */
export class Administrator {
  constructor(readonly client: Client) {}

  /** The job that a request began, once it has ended however it did. */
  async job(answer: TestResponse, seconds = 60): Promise<TestJob> {
    const { job } = answer.body as { job?: { id: string } }
    if (answer.status !== 202 || !job) throw new Error(`no job: ${answer.status} ${answer.text}`)
    return until(
      `the end of job ${job.id}`,
      async () => {
        const { body } = await this.client.get<TestJob>(`/jobs/${job.id}`)
        return terminal.has(body.state) ? body : undefined
      },
      seconds,
    )
  }

  /** The same for a job that must succeed. */
  async done(answer: TestResponse, seconds?: number): Promise<TestJob> {
    const job = await this.job(answer, seconds)
    if (job.state !== 'succeeded') throw new Error(`job ${job.id} ${job.state}: ${JSON.stringify(job.problem)}`)
    return job
  }

  /** Creates a site and waits until it is published. */
  async createSite(domain: string, runtime: unknown = 'static', more: object = {}): Promise<Site> {
    await this.done(await this.client.post('/sites', { domain, runtime, ...more }))
    return this.site(domain)
  }

  async site(domain: string): Promise<Site> {
    const { body } = await this.client.get<{ items: Site[] }>(`/sites?q=${domain}`)
    const found = body.items.find(site => site.domain === domain)
    if (!found) throw new Error(`no site ${domain}: ${JSON.stringify(body)}`)
    return found
  }
}
