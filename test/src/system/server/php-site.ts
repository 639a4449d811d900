import type { TestResponse } from '@nusantara/sdk/testing'
import type { Administrator, Site } from './panel.js'
import type { Server } from './server.js'
import { upload } from './site-files.js'
import { until } from './until.js'

/** A site of which a change concerns PHP and the web server at once, and which says what it runs with. */
export class PhpSite {
  private constructor(
    private readonly server: Server,
    readonly site: Site,
  ) {}

  static async create(server: Server, admin: Administrator, domain: string): Promise<PhpSite> {
    const site = await admin.createSite(domain, { type: 'php', settings: { memory_limit: '64m' } })
    await upload(server, site, 'limit.php', "<?php echo ini_get('memory_limit');")
    return new PhpSite(server, site)
  }

  /** Asks for another memory limit and another limit of uploads. */
  change(admin: Administrator, megabytes: number): Promise<TestResponse> {
    const runtime = { type: 'php', settings: { memory_limit: `${megabytes}m` } }
    return admin.client.patch(`/sites/${this.site.id}`, { runtime, uploadLimit: `${megabytes}m` })
  }

  /** Megabytes that PHP and the web server go by, once both answer. While a job is under way, one may be ahead. */
  async limits(): Promise<{ readonly php: number; readonly web: number }> {
    const { body } = await until(`an answer of ${this.site.domain}`, async () => {
      const answer = await this.server.fetch(`http://${this.site.domain}/limit.php`)
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
      return answer
    })
    const vhost = await this.server.read(`/etc/nginx/nusantara.d/${this.site.tenant}.conf`)
    const web = /client_max_body_size\s+"?(\d+)m/i.exec(vhost)?.[1]
    const php = /^(\d+)m$/.exec(body)?.[1]
    if (!php || !web) throw new Error(`no limits: PHP runs with ${body}, and the web server by\n${vhost}`)
    return { php: Number(php), web: Number(web) }
  }

  /** What both go by; an error when they differ. */
  async served(): Promise<number> {
    const { php, web } = await this.limits()
    if (php !== web) throw new Error(`PHP runs with ${php} MB, uploads end at ${web} MB`)
    return php
  }
}
