import type { Actor } from '@nusantara/sdk'
import type { SslDeps } from './deps.js'
import { ariCertId } from './pem/ari-cert-id.js'
import { toPem } from './pem/split-pem.js'
import { fetchRenewalInfo } from './renewal/ari.js'
import { renewalTime } from './renewal/renewal-time.js'
import type { Ssl } from './service.js'
import type { StoredCertificate, StoredSite } from './store/rows.js'

/** Until the next look, with some room: what comes due before then is queued for its time. */
const aheadMs = 13 * 3_600_000

/**
 * Looks twice a day at what authorities advise (RFC 9773) and queues what comes due before the next look, each for its own
 * time. What waits or runs already is left alone.
 */
export class Renewals {
  constructor(
    private readonly deps: SslDeps,
    private readonly ssl: Ssl,
  ) {}

  async look(actor: Actor, signal: AbortSignal): Promise<void> {
    const { deps } = this
    const candidates = (await deps.store.sites()).filter(({ order, certificateId }) => order && certificateId)
    const certificates = await deps.store.certificates(candidates.flatMap(({ certificateId }) => certificateId ?? []))
    const horizon = new Date(deps.now().getTime() + aheadMs)
    for (const stored of candidates) {
      signal.throwIfAborted()
      const certificate = certificates.get(stored.certificateId ?? '')
      if (!certificate?.notAfter || (await this.#isUnderWay(stored))) continue
      const renewAt = await this.#renewAt(stored, certificate, signal)
      if (renewAt <= horizon) await this.#queue(actor, stored.siteId, renewAt)
    }
  }

  /** After a renewal that failed: the next try, at its time. */
  async retry(actor: Actor): Promise<void> {
    const horizon = new Date(this.deps.now().getTime() + aheadMs)
    for (const stored of await this.deps.store.due(horizon.toISOString()))
      if (stored.failures > 0 && stored.renewAt && !(await this.#isUnderWay(stored)))
        await this.#queue(actor, stored.siteId, new Date(stored.renewAt))
  }

  async #queue(actor: Actor, siteId: string, at: Date): Promise<void> {
    try {
      await this.ssl.renew(siteId, { actor, at })
    } catch (error) {
      // One site must not keep the others from theirs.
      this.deps.context.log.warn({ err: error, siteId }, 'a renewal could not be queued')
    }
  }

  async #isUnderWay({ jobId }: StoredSite): Promise<boolean> {
    if (!jobId) return false
    const state = await this.deps.context.jobs.state(this.deps.context.db.knex, jobId)
    return state === 'queued' || state === 'running'
  }

  /** By the authority's advice when it gives any, else by the lifetime; kept, so that it is drawn once. */
  async #renewAt(stored: StoredSite, certificate: StoredCertificate, signal: AbortSignal): Promise<Date> {
    const { now, random, store } = this.deps
    const validity = {
      notBefore: new Date(certificate.notBefore as string),
      notAfter: new Date(certificate.notAfter as string),
    }
    const known = stored.renewAt ? new Date(stored.renewAt) : null
    // After a failure the time is that of the next try.
    if (stored.failures > 0 && known) return known
    const advice = await this.#advice(stored, certificate, signal)
    const ari = advice?.start && advice.end ? { start: new Date(advice.start), end: new Date(advice.end) } : null
    const renewAt = renewalTime({ ...validity, now: now(), ari, chosen: known, random })
    // A time that is past stays as it was: that is since when it has been due.
    const kept = known && known <= now() && renewAt <= now() ? known : renewAt
    await store.update(stored.siteId, { renewAt: kept.toISOString(), advice })
    return renewAt
  }

  async #advice(
    { advice }: StoredSite,
    certificate: StoredCertificate,
    signal: AbortSignal,
  ): Promise<StoredSite['advice']> {
    const { authorities, now } = this.deps
    if (!certificate.authority || (advice && new Date(advice.pollAt) > now())) return advice
    const certId = ariCertId(toPem('CERTIFICATE', Buffer.from(certificate.chain[0] ?? '', 'base64')))
    const source = certId && (await authorities.renewalInfo(certificate.authority, signal))
    if (!source) return advice
    const info = await fetchRenewalInfo({ ...source, certId, now, signal })
    return {
      start: info.window?.start.toISOString() ?? advice?.start ?? null,
      end: info.window?.end.toISOString() ?? advice?.end ?? null,
      explanation: info.explanation ?? advice?.explanation ?? null,
      pollAt: info.pollAt.toISOString(),
    }
  }
}
