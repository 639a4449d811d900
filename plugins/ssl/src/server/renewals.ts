import type { Actor } from '@nusantara/sdk'
import type { SslDeps } from './deps.js'
import { ariCertId } from './pem/ari-cert-id.js'
import { toPem } from './pem/split-pem.js'
import { fetchRenewalInfo } from './renewal/ari.js'
import { renewalTime } from './renewal/renewal-time.js'
import { day, hour, second } from './renewal/time.js'
import type { Ssl } from './service.js'
import type { StoredCertificate, StoredSite } from './store/rows.js'
import type { Warnings } from './warnings.js'

/** Until the next look, with some room: what comes due before then is queued for its time. */
const ahead = 13 * hour
/**
 * Between certificates that are all overdue, after a downtime: authorities count orders (Let's Encrypt gives one back
 * every 36 seconds), and the server has visitors too.
 */
const apart = 30 * second
/** No authority makes anybody wait longer, nor has its advice asked for later: such a time is of a clock that was wrong. */
const [longestWait, longestPoll] = [7 * day, 25 * hour]

interface Served {
  readonly stored: StoredSite
  readonly certificate: StoredCertificate
}

/**
 * Looks twice a day at what authorities advise (RFC 9773) and queues what comes due before the next look, each for its own
 * time. What waits or runs already is left alone. That nothing is renewed twice is the job's part: it does nothing when the
 * certificate that it was queued for is not served any more.
 */
export class Renewals {
  #retrying: Promise<void> | undefined
  #again = false

  constructor(
    private readonly deps: SslDeps,
    private readonly ssl: Ssl,
    private readonly warnings: Warnings,
  ) {}

  async look(actor: Actor, signal: AbortSignal): Promise<void> {
    const { now } = this.deps
    const horizon = new Date(now().getTime() + ahead)
    const mute = new Set<string>()
    let overdue = 0
    for (const served of await this.#served()) {
      signal.throwIfAborted()
      await this.warnings.tell(served.stored, served.certificate)
      if (!served.stored.order || (await this.#isUnderWay(served.stored, horizon))) continue
      const renewAt = await this.#renewAt(served, mute, signal)
      if (renewAt > horizon) continue
      const late = renewAt <= now() ? overdue++ * apart : 0
      await this.#queue(actor, served.stored.siteId, new Date(renewAt.getTime() + late))
    }
  }

  /** After a renewal that failed: the next try, at its time. Of many calls at once the last one does for all. */
  retry(actor: Actor): Promise<void> {
    this.#again = true
    this.#retrying ??= this.#retryAll(actor).finally(() => {
      this.#retrying = undefined
    })
    return this.#retrying
  }

  async #retryAll(actor: Actor): Promise<void> {
    while (this.#again) {
      this.#again = false
      const horizon = new Date(this.deps.now().getTime() + ahead)
      const failed = (await this.deps.store.due(horizon.toISOString())).filter(({ failures }) => failures > 0)
      for (const stored of failed) {
        await this.warnings.tell(stored, await this.deps.served(stored))
        if (stored.renewAt && !(await this.#isUnderWay(stored, horizon)))
          await this.#queue(actor, stored.siteId, new Date(stored.renewAt))
      }
    }
  }

  /** What ends first comes first. */
  async #served(): Promise<readonly Served[]> {
    const { store } = this.deps
    const sites = await store.sites()
    const certificates = await store.certificates(sites.flatMap(({ certificateId }) => certificateId ?? []))
    return sites
      .flatMap(stored => {
        const certificate = certificates.get(stored.certificateId ?? '')
        return certificate?.notAfter ? [{ stored, certificate }] : []
      })
      .toSorted((a, b) => (a.certificate.notAfter ?? '').localeCompare(b.certificate.notAfter ?? ''))
  }

  async #queue(actor: Actor, siteId: string, at: Date): Promise<void> {
    try {
      await this.ssl.renew(siteId, { actor, at })
    } catch (error) {
      // One site must not keep the others from theirs.
      this.deps.context.log.warn({ err: error, siteId }, 'a renewal could not be queued')
    }
  }

  async #isUnderWay({ siteId, jobId, renewAt }: StoredSite, horizon: Date): Promise<boolean> {
    if (!jobId) return false
    const state = await this.deps.context.jobs.state(this.deps.context.db.knex, jobId)
    if (state === 'running') return true
    if (state !== 'queued') return false
    if (!renewAt || new Date(renewAt) <= horizon) return true
    // Later than any look queues: the clock was ahead then and was set back. Nobody counts on that job any more.
    await this.deps.store.update(siteId, { jobId: null })
    return false
  }

  /** By the authority's advice when it gives any, else by the lifetime; kept, so that it is drawn once. */
  async #renewAt({ stored, certificate }: Served, mute: Set<string>, signal: AbortSignal): Promise<Date> {
    const { now, random, store } = this.deps
    const validity = {
      notBefore: new Date(certificate.notBefore as string),
      notAfter: new Date(certificate.notAfter as string),
    }
    const known = stored.renewAt ? new Date(stored.renewAt) : null
    // After a failure the time is that of the next try.
    if (stored.failures > 0 && known && known.getTime() <= now().getTime() + longestWait) return known
    const advice = await this.#advice({ stored, certificate }, mute, signal)
    const ari = advice?.start && advice.end ? { start: new Date(advice.start), end: new Date(advice.end) } : null
    const renewAt = renewalTime({ ...validity, now: now(), ari, chosen: known, random })
    // A time that is past stays as it was: that is since when it has been due.
    const kept = known && known <= now() && renewAt <= now() ? known : renewAt
    if (kept.getTime() !== known?.getTime() || advice !== stored.advice)
      await store.update(stored.siteId, { renewAt: kept.toISOString(), advice })
    return renewAt
  }

  /** @param mute authorities that gave no answer this time; who is away is asked once, not for each certificate */
  async #advice(
    { stored: { advice }, certificate }: Served,
    mute: Set<string>,
    signal: AbortSignal,
  ): Promise<StoredSite['advice']> {
    const { authorities, now } = this.deps
    const { authority } = certificate
    if (!authority || mute.has(authority)) return advice
    const wait = advice ? new Date(advice.pollAt).getTime() - now().getTime() : 0
    if (wait > 0 && wait < longestPoll) return advice
    const certId = ariCertId(toPem('CERTIFICATE', Buffer.from(certificate.chain[0] ?? '', 'base64')))
    const source = certId && (await authorities.renewalInfo(authority, signal))
    if (!source) {
      if (certId) mute.add(authority)
      return advice
    }
    const info = await fetchRenewalInfo({ ...source, certId, now, signal })
    if (info.error) mute.add(authority)
    return {
      start: info.window?.start.toISOString() ?? advice?.start ?? null,
      end: info.window?.end.toISOString() ?? advice?.end ?? null,
      explanation: info.explanation ?? advice?.explanation ?? null,
      pollAt: info.pollAt.toISOString(),
    }
  }
}
