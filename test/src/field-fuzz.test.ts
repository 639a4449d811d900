import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeFieldFuzz } from '@nusantara/kernel/testing/harness'

const plugin = (id: string) => fileURLToPath(new URL(`../../plugins/${id}`, import.meta.url))

const everything = {
  aliases: ['www.fuzz.example.test'],
  documentRoot: 'public',
  index: ['index.html'],
  errorPages: { 404: '/missing.html' },
  uploadLimit: '8m',
}
const runtimes = [
  { type: 'php', version: installedPhp(), settings: { memory_limit: '64M' }, processes: 3 },
  { type: 'proxy', target: 'http://127.0.0.1:3000', timeout: 30 },
  { type: 'redirect', target: 'https://elsewhere.example.test/', status: 301, keepPath: false },
]

describeFieldFuzz({
  plugins: [plugin('sites'), plugin('stack')],
  async prepare(panel) {
    const { body } = await panel
      .as('admin')
      .post('/sites', { domain: 'fuzzed.example.test', runtime: { type: 'static' } })
    await panel.waitForJob(body.job.id)
    return { site: body.id }
  },
  samples: {
    'sites.create': runtimes.map(runtime => ({ body: { domain: 'fuzz.example.test', runtime, ...everything } })),
    'sites.update': runtimes.map(runtime => ({ body: { domain: 'fuzzed.example.test', runtime, ...everything } })),
    'sites.directives': { body: { directives: 'add_header X-Frame-Options "DENY";' } },
    'sites.delete': { query: { confirm: 'fuzzed.example.test' } },
    'sites.suspend': {},
    'stack.get': { params: { component: 'nginx' } },
    // Installed already, so that there is nothing to do.
    'stack.install': { body: { components: ['nginx'], refresh: false } },
  },
})

/** The first PHP version of the versions data that is on this machine. */
function installedPhp(): string {
  const file = new URL('../../kernel/src/broker/versions.json', import.meta.url)
  const { php } = JSON.parse(readFileSync(file, 'utf8')) as {
    php: { present: string; distributions: Record<string, string[]>; others: string[] }
  }
  const known = [...Object.values(php.distributions).flat(), ...php.others]
  const installed = known.find(version => existsSync(php.present.replace('{}', version)))
  if (!installed) throw new Error('no PHP-FPM is installed; the package php-fpm brings one')
  return installed
}
