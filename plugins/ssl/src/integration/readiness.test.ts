import { expect } from 'chai'
import { type Named, startNamed } from '../server/dns/testing/named.js'
import type { Finding } from '../server/readiness/finding.js'
import { SslPanel } from '../testing/ssl-panel.js'

describe('what stands in the way of a certificate, asked of a panel', function () {
  this.timeout(60_000)
  let named: Named
  let ssl: SslPanel
  before(async () => {
    const hosts = {
      ready: ['A 127.0.0.1', 'AAAA ::1'],
      half: ['A 127.0.0.1', 'AAAA 2001:db8::1'],
      inside: ['A 10.1.2.3'],
      nothing: ['TXT nothing'],
      caa: ['A 127.0.0.1', 'CAA 0 issue "letsencrypt.org"'],
      other: ['A 127.0.0.1', 'CAA 0 issue "ca.example"'],
      '*.many': ['A 127.0.0.1'],
    }
    const records = Object.entries(hosts).flatMap(([name, values]) => values.map(value => `${name}.example ${value}`))
    // The whole top level, because CAA records are looked for up to it.
    named = await startNamed({ test: { records: ['@ NS ns1', 'ns1 A 127.0.0.1', ...records] } })
    ssl = await SslPanel.start({}, { dns: named.server })
    await resolvers(named.server)
  })
  after(async () => {
    await ssl?.stop()
    await named?.[Symbol.asyncDispose]()
  })

  const resolvers = (list: string) => ssl.done(ssl.admin.patch('/settings/ssl', { resolvers: list }), 200)
  const check = async (id: string, query = '', client = ssl.admin): Promise<Finding[]> =>
    (await ssl.done(client.get(`/ssl/sites/${id}/readiness${query}`), 200)).body.findings
  const told = (findings: readonly Finding[]) => findings.map(({ status, code }) => `${status} ${code}`)
  const site = (name: string, more: object = {}) => ssl.site(`${name}.example.test`, more)

  it('nothing, where a name leads to this machine: its own ports stand for those of the world', async () => {
    const id = await site('ready')
    const ready = ['ok address_ok', 'ok caa_none', 'ok challenge_ok', 'ok proxy_none']
    const findings = await check(id)
    expect(told(findings)).to.deep.equal(ready)
    expect(findings[0]?.params).to.deep.equal({ addresses: '::1, 127.0.0.1' })
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    expect(told(await check(id)), 'with the redirect to HTTPS').to.deep.equal(ready)
    await ssl.change('post', `/sites/${id}/suspend`, {})
    expect(told(await check(id)), 'while it is suspended').to.deep.equal(ready)
  })

  it('an authority that was not asked before is no reason to fail', async () => {
    const id = await site('caa')
    expect(told(await check(id, '?authority=letsencrypt'))).to.deep.equal([
      'ok address_ok',
      'ok caa_ok',
      'ok challenge_ok',
      'ok proxy_none',
      'ok budget_ok',
    ])
    // Pebble says in its directory that it goes by no name there.
    expect(told(await check(id))).to.include('warning caa_authority_unknown')
  })

  const faults: Readonly<Record<string, readonly string[]>> = {
    half: ['failed address_private', 'ok challenge_ok'],
    inside: ['failed address_private'],
    nothing: ['failed address_none'],
    missing: ['failed address_nxdomain'],
  }
  for (const [name, expected] of Object.entries(faults))
    it(`what DNS says of ${name}.example.test`, async () => {
      expect(told(await check(await site(name)))).to.include.members([...expected])
    })

  it('CAA records count for DNS challenges too, and nothing else does', async () => {
    const id = await site('other', { aliases: ['*.other.example.test'] })
    const findings = await check(id, '?authority=letsencrypt&challenge=dns-01')
    expect(findings.map(({ name, code }) => [name, code])).to.deep.equal([
      ['other.example.test', 'caa_other'],
      ['other.example.test', 'budget_ok'],
      ['*.other.example.test', 'caa_other'],
      ['*.other.example.test', 'budget_ok'],
    ])
    const names = (await check(id)).map(({ name }) => name)
    expect(new Set(names), 'HTTP proves no wildcards').to.deep.equal(new Set(['other.example.test']))
  })

  it('what the site itself does with the challenge', async () => {
    const id = await site('broken.many', { runtime: { type: 'proxy', target: 'http://127.0.0.1:1099', timeout: 5 } })
    expect(told(await check(id)), 'the challenge is answered in front of it').to.include('ok challenge_ok')
    await ssl.change('patch', `/sites/${id}`, { domain: 'renamed.many.example.test' })
    expect(told(await check(id))).to.include('ok challenge_ok')
  })

  it('many names are checked at once', async () => {
    const aliases = Array.from({ length: 60 }, (_, index) => `n${index}.many.example.test`)
    const id = await site('whole.many', { aliases })
    const started = performance.now()
    const findings = await check(id)
    console.log(`        ${aliases.length + 1} names: ${Math.round(performance.now() - started)} ms`)
    expect(new Set(told(findings))).to.deep.equal(
      new Set(['ok address_ok', 'ok caa_none', 'ok challenge_ok', 'ok proxy_none']),
    )
  })

  it('where no DNS server answers nothing is claimed, and nobody waits for long', async () => {
    const id = await site('silent')
    for (const server of ['127.0.0.1:1', '192.0.2.1:53']) {
      await resolvers(server)
      const started = performance.now()
      expect(told(await check(id)), server).to.deep.equal(['warning address_unresolved', 'warning caa_unresolved'])
      expect((performance.now() - started) / 1000, server).to.be.below(8)
    }
    await resolvers('')
    expect(told(await check(id)).join(), 'by the resolvers of this machine').to.match(/^(warning|failed) address_/)
    await resolvers(named.server)
  })

  it('is told of one’s own sites alone', async () => {
    const owner = ssl.panel.as('user')
    const own = await ssl.site('ready.many.example.test', {}, owner)
    expect(told(await check(own, '', owner))).to.include('ok challenge_ok')
    const others = await site('other.many')
    for (const id of [others, 'nobody'])
      expect((await owner.get(`/ssl/sites/${id}/readiness`)).status, id).to.equal(404)
    expect((await ssl.panel.as('nobody').get(`/ssl/sites/${own}/readiness`)).status).to.equal(401)
    const unknown = await ssl.admin.get(`/ssl/sites/${own}/readiness?authority=nobody`)
    expect([unknown.status, unknown.body.code]).to.deep.equal([422, 'ssl.authority_unknown'])
  })
})
