import { appendFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { Authority } from './server/authority.js'
import { launchBeside } from './server/browser.js'
import { debian } from './server/distribution.js'
import { printFigures } from './server/figures.js'
import { bootInstalled } from './server/installed.js'
import { addresses } from './server/network.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'

const shop = 'shop.example.test'
const panel = 'panel.example.test'
const live = '/etc/nginx/nusantara.d'
const kept = '/var/lib/nusantara-broker/keys'

interface Standing {
  readonly health: string
  readonly renewAt: string | null
  readonly certificate: { readonly fingerprint: string } | null
}

interface Finding {
  readonly status: string
  readonly code: string
}

describe(`Certificates on ${debian.name}`, () => {
  let server: Server
  let authority: Authority
  let root: string
  let warnings: readonly string[]
  let browser: Browser | undefined

  before(async () => {
    server = await bootInstalled()
    authority = await Authority.beside(server)
    root = await authority.root()
    await server.ok(['dd', 'of=/root/root.pem', 'status=none'], { input: root })
    warnings = await complaints()
  })
  after(async () => {
    await browser?.close()
    await authority?.stop()
    await server?.remove()
  })

  const nusa = (...words: readonly string[]) => server.ok(['nusa', ...words])
  const siteOf = async (domain: string): Promise<{ readonly id: string; readonly tenant: string }> =>
    JSON.parse(await nusa('sites', 'list', '--q', domain, '--json')).items[0]
  const standing = async (domain: string): Promise<Standing> =>
    JSON.parse(await nusa('ssl', 'get', (await siteOf(domain)).id, '--json'))

  /** What the web server has against its configuration. */
  async function complaints(): Promise<readonly string[]> {
    const { code, stderr } = await server.run(['nginx', '-t'])
    expect(code, stderr).to.equal(0)
    return stderr.split('\n').filter(line => /\[(?:warn|error|crit|alert|emerg)\]/.test(line))
  }

  /** Status of a page that a visitor asks for who trusts the authority's root alone. */
  async function visit(domain: string, family: 4 | 6 = 4, path = '/'): Promise<string> {
    const address = family === 6 ? `[${addresses[6]}]` : addresses[4]
    const answer = ['--silent', '--show-error', '--output', '/dev/null', '--write-out', '%{http_code}']
    return server.ok([
      ...['curl', ...answer, '--cacert', '/root/root.pem'],
      ...['--resolve', `${domain}:443:${address}`, `https://${domain}${path}`],
    ])
  }

  const stateOf = async (unit: string) =>
    (await server.run(['systemctl', 'show', '--property=ActiveState', '--value', unit])).stdout.trim()

  async function drifted(): Promise<readonly string[]> {
    const { items } = JSON.parse(await nusa('drift', 'list', '--json')) as { items: readonly { path: string }[] }
    return items.map(({ path }) => path)
  }

  it('come by three commands after an authority was added, and the name answers over HTTPS', async () => {
    await nusa('accounts', 'create', 'home')
    const named = ['--name', 'Pebble', '--ca-pem', authority.caPem]
    await nusa('ssl', 'authorities', 'create', 'pebble', authority.directoryUrl, ...named)
    await nusa('settings', 'ssl', 'update', '--authority', 'pebble')
    const began = performance.now()
    await nusa('sites', 'create', shop, '--runtime', 'static')
    const published = performance.now()
    const { id, tenant } = await siteOf(shop)
    await server.ok(['dd', `of=/srv/www/${tenant}/files/public/index.html`, 'status=none'], { input: 'open' })
    const { findings } = JSON.parse(await nusa('ssl', 'readiness', id, '--json')) as { findings: readonly Finding[] }
    const concerns = findings.filter(({ status }) => status !== 'ok').map(({ code }) => code)
    expect(concerns, 'nobody outside reaches the addresses of a test').to.deep.equal(['address_inside'])
    const asked = performance.now()
    await nusa('ssl', 'issue', id)
    const issued = performance.now()
    expect(await visit(shop)).to.equal('200')
    const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`
    printFigures(`A certificate on ${debian.name}`, {
      'nusa sites create': seconds(began, published),
      'nusa ssl issue': seconds(asked, issued),
      'from the creation to the right certificate': seconds(began, performance.now()),
    })
    expect(await visit(shop, 6)).to.equal('200')
    const { health, renewAt } = await standing(shop)
    expect(health).to.equal('ok')
    expect(renewAt).to.be.a('string')
  })

  it('lead plain HTTP to HTTPS, and leave the configuration without another complaint', async () => {
    const { status, headers } = await server.fetch(`http://${shop}/a?b=1`)
    expect([status, headers.location]).to.deep.equal([308, `https://${shop}/a?b=1`])
    // nginx from 1.25.1 on would rather have a directive of its own for HTTP/2.
    const others = (await complaints()).filter(line => !line.includes('"listen ... http2" directive is deprecated'))
    expect(others).to.deep.equal(warnings)
  })

  it('leave keys with root alone, in the web server’s files and in the broker’s', async () => {
    const { tenant } = await siteOf(shop)
    const modes = async (...paths: readonly string[]) =>
      (await server.ok(['stat', '--format=%a %U:%G', ...paths])).trim()
    expect(await modes(`${live}/${tenant}.key`)).to.equal('600 root:root')
    expect(await modes(kept, `${kept}/${tenant}`)).to.equal('700 root:root\n700 root:root')
    const keys = (await server.ok(['find', kept, '-type', 'f'])).trim().split('\n')
    expect(keys).to.have.length(2)
    for (const key of keys) expect(await modes(key), key).to.equal('600 root:root')
    const processes = await server.ok(['ps', '-C', 'nginx', '-o', 'user=,args='])
    const workers = processes.split('\n').filter(line => line.includes('worker process'))
    expect(workers).to.not.be.empty
    for (const worker of workers) expect(worker).to.match(/^www-data /)
    const readable = await server.run(['runuser', '--user', 'www-data', '--', 'cat', `${live}/${tenant}.key`])
    expect(readable.code).to.not.equal(0)
  })

  it('are what a browser accepts that trusts the authority, over HTTP/2', async () => {
    browser = await launchBeside(server, [await authority.signer()])
    const page = await browser.newPage()
    const response = await page.goto(`http://${shop}/`)
    expect(page.url()).to.equal(`https://${shop}/`)
    expect(response?.status()).to.equal(200)
    expect(await page.textContent('body')).to.equal('open')
    const details = await response?.securityDetails()
    expect(details).to.include({ protocol: 'TLS 1.3', subjectName: shop })
    const hop = await page.evaluate(() => performance.getEntriesByType('navigation')[0]?.toJSON().nextHopProtocol)
    expect(hop).to.equal('h2')
    const stranger = await launchBeside(server, [])
    try {
      const refused = await (await stranger.newPage()).goto(`https://${shop}/`).then(
        () => 'accepted',
        (error: Error) => error.message,
      )
      expect(refused).to.include('ERR_CERT_AUTHORITY_INVALID')
    } finally {
      await stranger.close()
    }
  })

  it('are given to the panel itself in the same way', async () => {
    await nusa('sites', 'create', panel, '--runtime', 'panel')
    await nusa('ssl', 'issue', (await siteOf(panel)).id)
    expect(await visit(panel, 4, '/healthz')).to.equal('200')
    const page = await (browser as Browser).newPage()
    await page.goto(`http://${panel}/`)
    expect(page.url()).to.match(new RegExp(`^https://${panel}/`))
    await page.locator('nusa-shell').waitFor()
    expect(await visit(shop)).to.equal('200')
    // An open page asks again and again, which brings the panel back.
    await browser?.close()
  })

  it('leave the panel its rest, and bring it back in time to look after them', async () => {
    // Whom somebody has just asked stays for ten minutes.
    await server.ok(['systemctl', 'restart', 'nusantara-panel.service'])
    await until(
      'the panel to leave by itself',
      async () => (await stateOf('nusantara-panel.service')) === 'inactive',
      120,
    )
    const next = ['systemctl', 'show', '--property=NextElapseUSecRealtime', '--value', 'nusantara-wake.timer']
    const [time = ''] = /\d{4}-\S+ \S+ \S+/.exec(await server.ok(next)) ?? []
    expect(Date.parse(time) - Date.now(), `twice a day they are looked at: ${time}`).to.be.within(0, 12.1 * 3_600_000)
  })

  it('are served after a reboot before the panel runs', async () => {
    await server.reboot()
    expect(await visit(shop)).to.equal('200')
    expect(await stateOf('nusantara-panel.service')).to.equal('inactive')
    expect(await server.ok(['systemctl', 'list-units', '--failed', '--plain', '--no-legend'])).to.equal('')
    expect(await visit(panel, 4, '/healthz'), 'it comes for the first who asks').to.equal('200')
  })

  it('show an edit by hand as one', async () => {
    const { tenant } = await siteOf(shop)
    expect(await drifted()).to.deep.equal([])
    for (const kind of ['chain0', 'names', 'key']) {
      const file = `${live}/${tenant}.${kind}`
      const before = await server.read(file)
      await appendFile(server.path(file), '# by hand\n')
      await until(`the drift of ${file}`, async () => (await drifted()).includes(file))
      await server.write(file, before)
    }
    expect(await drifted()).to.deep.equal([])
  })

  it('stay when the plugin is disabled, through changes of the site too, and go on when it is enabled again', async () => {
    const { id } = await siteOf(shop)
    const before = await standing(shop)
    await nusa('plugins', 'disable', 'ssl')
    expect((await server.run(['nusa', 'ssl', 'list'])).code).to.not.equal(0)
    expect(await visit(shop)).to.equal('200')
    await nusa('sites', 'update', id, '--upload-limit', '20m')
    expect(await visit(shop)).to.equal('200')
    await server.ok(['systemctl', 'restart', 'nginx'])
    expect(await visit(shop)).to.equal('200')
    await nusa('plugins', 'enable', 'ssl')
    expect(await standing(shop)).to.deep.equal(before)
    await nusa('ssl', 'renew', id)
    expect(await visit(shop)).to.equal('200')
    expect((await standing(shop)).certificate?.fingerprint).to.not.equal(before.certificate?.fingerprint)
  })

  it('leave the panel in order', async () => {
    const doctor = await server.run(['nusa', 'doctor'])
    expect(doctor.code, doctor.stdout + doctor.stderr).to.equal(0)
    expect((await server.run(['nusa', 'audit', 'verify'])).code).to.equal(0)
  })

  it('are served when the package is purged; the keys that the broker kept are gone', async () => {
    const { tenant } = await siteOf(shop)
    await server.ok(['apt-get', 'purge', '--yes', 'nusantara-panel'], { timeout: 300 })
    expect((await server.run(['test', '-e', kept])).code).to.equal(1)
    expect(await visit(shop)).to.equal('200')
    await server.reboot()
    expect(await visit(shop)).to.equal('200')
    expect(await server.ok(['stat', '--format=%a %U:%G', `${live}/${tenant}.key`])).to.equal('600 root:root\n')
  })
})
