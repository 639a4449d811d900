import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeFieldFuzz } from '@nusantara/kernel/testing/harness'
import { selfSigned } from './self-signed.js'

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

const brought = await selfSigned(['DNS:fuzzed.example.test'])
const providers = [
  {
    type: 'rfc2136',
    server: 'ns.example.test:53',
    zone: 'example.test',
    tsig: { name: 'key', algorithm: 'hmac-sha256', secret: 'c2VjcmV0' },
  },
  { type: 'cloudflare', token: 'token', zoneId: '0'.repeat(32) },
  {
    type: 'webhook',
    url: 'https://dns.example.test/',
    secret: 'kettle drum on a rainy roof, and a cello',
    caPem: brought.certificate,
  },
]

describeFieldFuzz({
  plugins: [plugin('sites'), plugin('ssl'), plugin('stack')],
  async prepare(panel) {
    const { body } = await panel
      .as('admin')
      .post('/sites', { domain: 'fuzzed.example.test', runtime: { type: 'static' } })
    await panel.waitForJob(body.job.id)
    // Policies, removals and what is read of a certificate need one.
    const signed = await panel.as('admin').post(`/ssl/sites/${body.id}/self-sign`, {})
    await panel.waitForJob(signed.body.job.id)
    // What a parameter is called where nothing says more: an authority without an account, as those that values make.
    const directoryUrl = 'https://acme.example.test/directory'
    await panel.as('admin').post('/ssl/authorities', { id: 'sample', name: 'Sample', directoryUrl })
    return { site: body.id }
  },
  samples: {
    'sites.create': runtimes.map(runtime => ({ body: { domain: 'fuzz.example.test', runtime, ...everything } })),
    'sites.update': runtimes.map(runtime => ({ body: { domain: 'fuzzed.example.test', runtime, ...everything } })),
    'sites.directives': { body: { directives: 'add_header X-Frame-Options "DENY";' } },
    'sites.delete': { query: { confirm: 'fuzzed.example.test' } },
    'sites.suspend': {},
    // Another authority than the site's, as each value that is one: the plan says whom to answer.
    'ssl.issue': {
      body: {
        authority: 'letsencrypt-staging',
        names: ['fuzzed.example.test'],
        keyType: 'ec256',
        challenge: 'http-01',
        profile: 'shortlived',
      },
    },
    'ssl.selfSign': { body: { days: 30 } },
    'ssl.upload': { body: { pem: brought.certificate + brought.key } },
    'ssl.policy': { body: { redirect: true, hsts: 300, hstsSubdomains: true, profile: 'modern' } },
    'ssl.remove': {},
    'ssl.authorities.create': {
      body: {
        id: 'fuzzed',
        name: 'Fuzzed',
        directoryUrl: 'https://acme.example.test/directory',
        caPem: brought.certificate,
        eabKeyId: 'key-1',
        eabSecret: 'c2VjcmV0',
      },
    },
    'ssl.providers.put': providers.map(config => ({ body: { id: 'fuzzed', name: 'Fuzzed', config } })),
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
