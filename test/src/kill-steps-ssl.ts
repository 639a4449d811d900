import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { KillCase } from '@nusantara/kernel/testing/harness'
import type { Certificate, SiteCertificate } from '@nusantara/plugin-ssl/api'
import { Pebble } from '@nusantara/plugin-ssl/testing'
import type { TestPanel } from '@nusantara/sdk/testing'
import { selfSigned } from './self-signed.js'

interface Site {
  readonly domain: string
  readonly id: string
  readonly tenant: string
}

interface Subject extends Site {
  /** What was served before: SHA-256 of the certificate, or `refused`. */
  readonly before: string
}

type Body = Readonly<Record<string, unknown>>

interface Scenario {
  /** `old`: what was served before, `new`: another certificate, `refused`: nothing over TLS. */
  readonly served: 'old' | 'new' | 'refused'
  readonly boundaries?: 'forward'
  prepare?(panel: TestPanel, site: Site): Promise<void>
  submit(panel: TestPanel, subject: Subject): Promise<string>
  /** When it succeeded, beside what is served. */
  also?(panel: TestPanel, subject: Subject): Promise<void>
  /** What still succeeds, however it ended. */
  after?(panel: TestPanel, subject: Subject): Promise<void>
}

const authorities = new Map<TestPanel, Pebble>()

/** Gives a panel an authority of its own, which looks for challenges where the panel's web server is. */
export async function giveAuthority(panel: TestPanel): Promise<() => Promise<void>> {
  const pebble = await Pebble.start({ httpPort: panel.sites.http })
  authorities.set(panel, pebble)
  const { directoryUrl, caPem } = pebble
  const admin = panel.as('admin')
  const added = await admin.post('/ssl/authorities', { id: 'pebble', name: 'Pebble', directoryUrl, caPem })
  assert.equal(added.status, 201, added.text)
  const chosen = await admin.patch('/settings/ssl', { authority: 'pebble' })
  assert.equal(chosen.status, 200, chosen.text)
  // The first certificate of a server makes what all others stand on.
  const site = await publish(panel, 'first.example.test')
  await issue(panel, site)
  await withdraw(panel, site)
  return () => pebble.stop()
}

/** Keys and certificates, and what challenges of an account are answered with. */
export const unlikeCertificates = [/-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----/g, /(?<=_challenge\.)[\w-]{43}/g]

export const certificateCases: readonly KillCase<Subject>[] = [
  serving('a site gets its first certificate', 'ssl.issue', {
    served: 'new',
    submit: (panel, { id }) => begun(panel, 'post', `/ssl/sites/${id}/issue`, {}),
  }),
  serving('a certificate is renewed', 'ssl.issue', {
    served: 'new',
    prepare: issue,
    submit: (panel, { id }) => begun(panel, 'post', `/ssl/sites/${id}/renew`),
  }),
  serving('browsers are told to insist on HTTPS', 'ssl.policy', {
    served: 'old',
    prepare: issue,
    submit: (panel, { id }) => begun(panel, 'patch', `/ssl/sites/${id}`, { hsts: 300 }),
  }),
  serving('somebody brings a certificate', 'ssl.upload', {
    served: 'new',
    prepare: issue,
    async submit(panel, { id, domain }) {
      const { certificate, key } = await selfSigned([`DNS:${domain}`])
      return begun(panel, 'post', `/ssl/sites/${id}/upload`, { pem: certificate + key })
    },
  }),
  serving('a site signs its own certificate', 'ssl.self_sign', {
    served: 'new',
    submit: (panel, { id }) => begun(panel, 'post', `/ssl/sites/${id}/self-sign`, {}),
  }),
  serving('a site is answered over plain HTTP alone again', 'ssl.remove', {
    served: 'refused',
    prepare: issue,
    submit: (panel, { id }) => begun(panel, 'delete', `/ssl/sites/${id}`),
  }),
  serving('a certificate is revoked', 'ssl.revoke', {
    served: 'refused',
    prepare: issue,
    submit: (panel, { id }) => begun(panel, 'post', `/ssl/sites/${id}/revoke`, {}),
    async also(panel, { id }) {
      const [revoked] = await historyOf(panel, id)
      assert.equal(revoked?.state, 'revoked')
      assert.equal(await authorities.get(panel)?.status(revoked?.serial ?? ''), 'Revoked')
    },
  }),
  serving('the account of an authority gets another key', 'ssl.roll_over', {
    served: 'old',
    prepare: issue,
    submit: panel => begun(panel, 'post', '/ssl/authorities/pebble/roll-over'),
    // Its sites are written again by jobs of their own.
    also: quiet,
    after: async (panel, { id }) => ended(panel, await begun(panel, 'post', `/ssl/sites/${id}/renew`)),
  }),
]

function serving(title: string, type: string, scenario: Scenario): KillCase<Subject> {
  return {
    title,
    type,
    ...(scenario.boundaries && { boundaries: scenario.boundaries }),
    async arrange(panel, word) {
      const domain = `${word}.example.test`
      const site = await publish(panel, domain)
      await scenario.prepare?.(panel, site)
      return { ...site, before: await served(panel, domain) }
    },
    submit: scenario.submit,
    async check(panel, outcome, subject) {
      const { domain, id, tenant, before } = subject
      const now = await served(panel, domain)
      const { certificate } = (await panel.as('admin').get<SiteCertificate>(`/ssl/sites/${id}`)).body
      assert.equal(now, certificate?.fingerprint ?? 'refused', 'the panel knows what is served')
      if (outcome !== 'succeeded' || scenario.served === 'old') assert.equal(now, before)
      else if (scenario.served === 'refused') assert.equal(now, 'refused')
      else assert.ok(now !== before && now !== 'refused', `${now} is served`)
      const known = (await historyOf(panel, id)).map(each => each.id.replaceAll('-', ''))
      assert.deepEqual(keysOf(panel, tenant), known.sort(), 'every key is that of a certificate')
      if (outcome === 'succeeded') await scenario.also?.(panel, subject)
    },
    async clean(panel, site) {
      await scenario.after?.(panel, site)
      await withdraw(panel, site)
      assert.deepEqual(keysOf(panel, site.tenant), [], 'no key outlives its site')
    },
  }
}

async function publish(panel: TestPanel, domain: string): Promise<Site> {
  const answer = await panel.as('admin').post('/sites', { domain, runtime: 'static' })
  assert.equal(answer.status, 202, answer.text)
  await ended(panel, answer.body.job.id)
  const { id } = answer.body
  const { tenant } = (await panel.as('admin').get(`/sites/${id}`)).body
  return { domain, id, tenant }
}

async function withdraw(panel: TestPanel, { id, domain }: Site): Promise<void> {
  await ended(panel, await begun(panel, 'delete', `/sites/${id}?confirm=${domain}`))
}

async function issue(panel: TestPanel, { id }: Site): Promise<void> {
  await ended(panel, await begun(panel, 'post', `/ssl/sites/${id}/issue`, {}))
}

async function begun(
  panel: TestPanel,
  method: 'post' | 'patch' | 'delete',
  path: string,
  body?: Body,
): Promise<string> {
  const answer = await panel.as('admin')[method](path, body)
  assert.equal(answer.status, 202, answer.text)
  return answer.body.job.id
}

async function ended(panel: TestPanel, job: string): Promise<void> {
  const { state, problem } = await panel.waitForJob(job)
  assert.equal(state, 'succeeded', JSON.stringify(problem))
}

async function quiet(panel: TestPanel): Promise<void> {
  for (const state of ['running', 'queued'])
    for (;;) {
      const { body } = await panel.as('admin').get<{ items: readonly { id: string }[] }>(`/jobs?state=${state}`)
      if (body.items.length === 0) break
      for (const { id } of body.items) await panel.waitForJob(id)
    }
}

async function historyOf(panel: TestPanel, id: string): Promise<readonly Certificate[]> {
  const { body } = await panel.as('admin').get<{ items: Certificate[] }>(`/ssl/sites/${id}/certificates`)
  return body.items
}

/** Names of the keys that the broker keeps for a tenant; a file without its other half counts as it is named. */
function keysOf({ home }: TestPanel, tenant: string): readonly string[] {
  let files: string[]
  try {
    files = readdirSync(join(home, 'broker/keys', tenant)).sort()
  } catch {
    return []
  }
  const names = [...new Set(files.map(file => file.replace(/\.(?:json|pem)$/, '')))]
  return names.flatMap(name => {
    const halves = ['json', 'pem'].filter(half => files.includes(`${name}.${half}`))
    return halves.length === 2 ? name : files.filter(file => file.startsWith(name))
  })
}

/** SHA-256 of the certificate that a name is answered with, `refused` when it has none. */
function served({ sites }: TestPanel, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: sites.https, servername, rejectUnauthorized: false }, () => {
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      resolve(fingerprint256.replaceAll(':', '').toLowerCase())
    })
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' || error.code === 'ECONNREFUSED'
        ? resolve('refused')
        : reject(error),
    )
  })
}
