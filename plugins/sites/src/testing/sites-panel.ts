import { fileURLToPath } from 'node:url'
import { createTestPanel, type TestClient, type TestPanel } from '@nusantara/sdk/testing'
import type { CreateBody, UpdateBody } from '../server/input/site-input.js'
import { type Answer, type Visit, visit } from './visitor.js'

const plugin = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** A panel with this plugin, and what tests do with it again and again. */
export class SitesPanel {
  private constructor(readonly panel: TestPanel) {}

  static async start(options: Parameters<typeof createTestPanel>[0] = {}): Promise<SitesPanel> {
    return new SitesPanel(await createTestPanel({ plugins: [plugin], ...options }))
  }

  get admin(): TestClient {
    return this.panel.as('admin')
  }

  /** Creates a site and waits until its job has succeeded. Answers its id. */
  async create(body: CreateBody, client = this.admin): Promise<string> {
    const answer = await client.post('/sites', body)
    if (answer.status !== 202) throw new Error(`POST /sites answered ${answer.status}: ${answer.text}`)
    await this.succeeded(answer.body.job.id)
    return answer.body.id as string
  }

  async update(id: string, body: UpdateBody): Promise<void> {
    const answer = await this.admin.patch(`/sites/${id}`, body)
    if (answer.status !== 202) throw new Error(`PATCH /sites answered ${answer.status}: ${answer.text}`)
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

  visit(host: string, options: Omit<Visit, 'host' | 'port'> = {}): Promise<Answer> {
    return visit({ host, port: this.panel.sites.http, ...options })
  }

  /** A directory of the site's tenant below its own root. */
  async filesOf(id: string): Promise<string> {
    const { body } = await this.admin.get<{ tenant: string }>(`/sites/${id}`)
    return `${this.panel.home}/www/${body.tenant}/files`
  }

  stop(): Promise<void> {
    return this.panel.stop()
  }
}
