import { Pebble } from '@nusantara/plugin-ssl/testing'
import type { TestPanel } from '@nusantara/sdk/testing'
import { selfSigned } from '../self-signed.js'
import { ask, refuse } from './ask.js'

const domain = 'certified.example.test'

/** Certificates of a site, each way that they come and go, by an authority of its own; and who proves names by DNS. */
export async function askForCertificates(panel: TestPanel): Promise<void> {
  const admin = panel.as('admin')
  const ended = async (what: string, job: string) => {
    const { state, problem } = await panel.waitForJob(job)
    if (state !== 'succeeded') throw new Error(`${what} ended ${state}: ${JSON.stringify(problem)}`)
  }
  const change = async (what: string, body?: unknown) => {
    await ask(admin, `${what}?dry_run=true`, body)
    await ended(what, (await ask(admin, what, body)).job.id)
  }
  const pebble = await Pebble.start({ httpPort: panel.sites.http })
  try {
    const { directoryUrl, caPem } = pebble
    const authority = { id: 'pebble', name: 'Pebble', directoryUrl, caPem }
    await ask(admin, 'POST /ssl/authorities', authority)
    await refuse(admin, 'POST /ssl/authorities', 409, authority)
    await ask(admin, 'GET /ssl/authorities')
    const config = {
      type: 'webhook',
      url: 'https://dns.example.test/',
      secret: 'kettle drum on a rainy roof, and a cello',
    }
    await ask(admin, 'PUT /ssl/providers', { id: 'hook', name: 'Hook', config })
    await ask(admin, 'GET /ssl/providers')
    await ask(admin, 'DELETE /ssl/providers/hook')
    const made = await ask(admin, 'POST /sites', { domain, runtime: { type: 'static' } })
    await ended('POST /sites', made.job.id)
    const site = `/ssl/sites/${made.id}`
    await refuse(admin, `POST ${site}/renew`, 409)
    await ask(admin, `GET ${site}/readiness?authority=pebble`)
    await change(`POST ${site}/issue`, { authority: 'pebble', exportable: true })
    for (const path of ['/ssl', '/ssl/expiry', site, `${site}/certificates`, `${site}/chain`])
      await ask(admin, `GET ${path}`)
    await ask(admin, `POST ${site}/export`)
    await change(`PATCH ${site}`, { hsts: 300 })
    await change(`POST ${site}/renew`)
    await change('POST /ssl/authorities/pebble/roll-over')
    await change(`POST ${site}/revoke`, {})
    const { certificate, key } = await selfSigned([`DNS:${domain}`])
    await change(`POST ${site}/upload`, { pem: certificate + key })
    await change(`POST ${site}/self-sign`, {})
    await change(`DELETE ${site}`)
    await ask(admin, 'DELETE /ssl/authorities/pebble')
  } finally {
    await pebble.stop()
  }
}
