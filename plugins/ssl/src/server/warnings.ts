import { type NotificationInput, systemActor } from '@nusantara/sdk'
import type { SslDeps } from './deps.js'
import type { StoredCertificate, StoredSite, Told } from './store/rows.js'
import { healthOf } from './view.js'

type Warning = Told['of'][number]

/** What passes by itself does so within two tries, two hours at most. */
const worthAWord = 3

/**
 * Tells administrators and the account of a site that its certificate does not renew, and that it is about to end: each once
 * for a certificate. Told before it is noted, so after a crash perhaps twice and never not at all.
 */
export class Warnings {
  constructor(private readonly deps: SslDeps) {}

  async tell(stored: StoredSite, certificate: StoredCertificate | null): Promise<void> {
    if (!certificate) return
    const told = stored.told?.certificateId === certificate.id ? stored.told.of : []
    const due = this.#due(stored, certificate).filter(warning => !told.includes(warning))
    if (due.length === 0) return
    const site = await this.deps.sites.get(systemActor(this.deps.context.id), stored.siteId)
    if (!site) return
    const params = {
      domain: site.unicodeDomain,
      until: certificate.notAfter ?? '',
      failures: stored.failures,
      renews: stored.order ? 'yes' : 'no',
    }
    for (const target of ['administrators', { account: site.accountId }] as const)
      for (const warning of due) await this.#notify(warning, target, stored.siteId, params)
    await this.deps.store.update(stored.siteId, { told: { certificateId: certificate.id, of: [...told, ...due] } })
  }

  #due(stored: StoredSite, certificate: StoredCertificate): readonly Warning[] {
    return [
      ...(stored.failures >= worthAWord ? (['failing'] as const) : []),
      ...(healthOf(certificate, stored, this.deps.now()) === 'failed' ? (['ending'] as const) : []),
    ]
  }

  async #notify(
    warning: Warning,
    target: NotificationInput['target'],
    siteId: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const about = { params, target, dedupeKey: `${warning}:${siteId}`, link: `/sites/${siteId}` }
    const { context } = this.deps
    if (warning === 'failing')
      await context.notify({ code: 'notification.ssl.renewal_failing', severity: 'warning', ...about })
    else await context.notify({ code: 'notification.ssl.certificate_ending', severity: 'critical', ...about })
  }
}
