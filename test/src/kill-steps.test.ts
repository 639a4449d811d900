import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeKillSteps, type KillCase } from '@nusantara/kernel/testing/harness'
import type { TestPanel } from '@nusantara/sdk/testing'
import { certificateCases, giveAuthority, unlikeCertificates } from './kill-steps-ssl.js'

const plugin = (id: string) => fileURLToPath(new URL(`../../plugins/${id}`, import.meta.url))

interface Subject {
  readonly domain: string
  /** Absent before it is created. */
  readonly id?: string
}

const php = { type: 'php', processes: 2 }

describeKillSteps({
  plugins: [plugin('sites'), plugin('ssl'), plugin('stack')],
  prepare: giveAuthority,
  unlike: unlikeCertificates,
  cases: [
    { ...creating('a static site is created', { type: 'static' }), boundaries: 'forward' },
    creating('a PHP site is created', php),
    changing('a PHP site becomes static and gets an alias', 'sites.update', {
      before: { runtime: php },
      submit: (panel, { id, domain }) =>
        panel.as('admin').patch(`/sites/${id}`, { runtime: { type: 'static' }, aliases: [`www.${domain}`] }),
      served: { old: [200, 404], new: [200, 200] },
    }),
    changing('a static site becomes PHP in another folder', 'sites.update', {
      before: { runtime: { type: 'static' } },
      submit: (panel, { id }) => panel.as('admin').patch(`/sites/${id}`, { runtime: php, documentRoot: 'app' }),
      served: { old: [200, 404], new: [200, 404] },
    }),
    changing('a PHP site is suspended', 'sites.suspend', {
      before: { runtime: php },
      submit: (panel, { id }) => panel.as('admin').post(`/sites/${id}/suspend`),
      served: { old: [200, 404], new: [503, 404] },
    }),
    changing('a PHP site is resumed', 'sites.resume', {
      boundaries: 'forward',
      before: { runtime: php },
      async prepare(panel, { id }) {
        await succeeded(panel, await panel.as('admin').post(`/sites/${id}/suspend`))
      },
      submit: (panel, { id }) => panel.as('admin').post(`/sites/${id}/resume`),
      served: { old: [503, 404], new: [200, 404] },
    }),
    changing('a PHP site is deleted', 'sites.delete', {
      before: { runtime: php },
      submit: (panel, { id, domain }) => panel.as('admin').delete(`/sites/${id}?confirm=${domain}`),
      served: { old: [200, 404], new: [404, 404] },
    }),
    changing('every site is applied again over an edit by hand', 'sites.apply', {
      before: { runtime: php },
      async prepare(panel, { domain, id }) {
        const { body } = await panel.as('admin').get(`/sites/${id}`)
        await appendFile(join(panel.home, 'etc/nginx/nusantara.d', `${body.tenant}.conf`), `# ${domain}\n`)
      },
      submit: applyAgain,
      // A site that was edited by hand is not deleted.
      restore: async panel => succeeded(panel, await applyAgain(panel)),
      served: { old: [200, 404], new: [200, 404] },
    }),
    {
      // A sandbox installs nothing; what an interrupted installation leaves is tried on a real server.
      title: 'a component is asked for that is installed',
      type: 'stack.install',
      arrange: async () => ({ domain: '' }),
      submit: async panel => accepted(await panel.as('admin').post('/stack/install', { components: ['nginx'] })),
      async check(_, outcome) {
        assert.equal(outcome, 'succeeded')
      },
    },
    ...certificateCases,
  ],
})

/** What the domain and its `www` alias are answered. */
type Served = readonly [number, number]

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: { readonly id: string; readonly job: { readonly id: string } }
}

function creating(title: string, runtime: unknown): KillCase<Subject> {
  return {
    title,
    type: 'sites.create',
    arrange: async (_, word) => ({ domain: `${word}.example.test` }),
    submit: async (panel, { domain }) => accepted(await panel.as('admin').post('/sites', { domain, runtime })),
    async check(panel, outcome, { domain }) {
      const found = await siteOf(panel, domain)
      assert.equal(found?.state, outcome === 'succeeded' ? 'active' : undefined)
      assert.equal(await visit(panel, domain), outcome === 'succeeded' ? 200 : 404)
    },
    clean: remove,
  }
}

function changing(
  title: string,
  type: string,
  options: {
    readonly before: object
    readonly boundaries?: 'forward'
    prepare?(panel: TestPanel, subject: Subject): Promise<void>
    submit(panel: TestPanel, subject: Subject): Promise<Answer>
    /** Before the site is removed. */
    restore?(panel: TestPanel, subject: Subject): Promise<void>
    readonly served: { readonly old: Served; readonly new: Served }
  },
): KillCase<Subject> {
  return {
    title,
    type,
    ...(options.boundaries && { boundaries: options.boundaries }),
    async arrange(panel, word) {
      const domain = `${word}.example.test`
      const made = await panel.as('admin').post('/sites', { domain, ...options.before })
      await succeeded(panel, made)
      const subject = { domain, id: made.body.id as string }
      await options.prepare?.(panel, subject)
      return subject
    },
    submit: async (panel, subject) => accepted(await options.submit(panel, subject)),
    async check(panel, outcome, { domain }) {
      const done = outcome === 'succeeded'
      const found = await siteOf(panel, domain)
      assert.equal(found?.state, done && type === 'sites.delete' ? undefined : 'active')
      const served = [await visit(panel, domain), await visit(panel, `www.${domain}`)]
      assert.deepEqual(served, done ? options.served.new : options.served.old)
    },
    async clean(panel, subject) {
      await options.restore?.(panel, subject)
      await remove(panel, subject)
    },
  }
}

function applyAgain(panel: TestPanel): Promise<Answer> {
  return panel.as('admin').post('/sites/apply', { discardEdits: true })
}

function accepted({ status, text, body }: Answer): string {
  assert.equal(status, 202, text)
  return body.job.id
}

async function succeeded(panel: TestPanel, answer: Answer): Promise<void> {
  const { state, problem } = await panel.waitForJob(accepted(answer))
  assert.equal(state, 'succeeded', JSON.stringify(problem))
}

async function siteOf(panel: TestPanel, domain: string): Promise<{ id: string; state: string } | undefined> {
  const { body } = await panel.as('admin').get(`/sites?q=${domain}`)
  return (body.items as { id: string; state: string; domain: string }[]).find(site => site.domain === domain)
}

async function remove(panel: TestPanel, { domain }: Subject): Promise<void> {
  const found = await siteOf(panel, domain)
  if (found) await succeeded(panel, await panel.as('admin').delete(`/sites/${found.id}?confirm=${domain}`))
}

function visit(panel: TestPanel, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: panel.sites.http, agent: false, headers: { host } }, response => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end()
  })
}
