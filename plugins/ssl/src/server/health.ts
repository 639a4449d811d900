import type { HealthReport } from '@nusantara/sdk'
import type { SslDeps } from './deps.js'
import { healthOf } from './view.js'

/** Whether every certificate will be renewed in time; names the worst of those that may not. */
export async function certificateHealth({ store, now }: Pick<SslDeps, 'store' | 'now'>): Promise<HealthReport> {
  const sites = (await store.sites()).filter(({ certificateId }) => certificateId)
  const certificates = await store.certificates(sites.flatMap(({ certificateId }) => certificateId ?? []))
  const judged = sites.flatMap(stored => {
    const certificate = certificates.get(stored.certificateId ?? '') ?? null
    const health = healthOf(certificate, stored, now())
    return health === 'failed' || health === 'warning' ? [{ health, certificate }] : []
  })
  const name = 'ssl.certificates'
  const [worst] = judged.toSorted((a, b) =>
    (a.certificate?.notAfter ?? '').localeCompare(b.certificate?.notAfter ?? ''),
  )
  if (!worst) return { name, status: 'ok', detail: { code: 'ssl.health.ok', params: { count: sites.length } } }
  return {
    name,
    status: judged.some(({ health }) => health === 'failed') ? 'failed' : 'degraded',
    detail: {
      code: 'ssl.health.expiring',
      params: {
        count: judged.length,
        name: worst.certificate?.names[0] ?? '',
        until: worst.certificate?.notAfter ?? '',
      },
    },
    remedy: { code: 'ssl.health.expiring.remedy' },
  }
}
