import type { RequestListener } from 'node:http'
import { expect } from 'chai'
import { reply } from '../../testing/reply.js'
import { budget, type PastEvent } from '../renewal/limits.js'
import { checkReadiness, checkSite, type ReadinessDeps } from './check-readiness.js'
import type { Finding } from './finding.js'
import { resolverOf, World, type Zone } from './testing.js'

const own4 = '93.184.216.34'
const own6 = '2606:2800:220:1::10'
const other4 = '151.101.1.1'
const other6 = '2a04:4e42::1'
const probe = { token: 'readiness-abc', body: 'readiness-abc.def' }
const server = { own: [own4, own6], public: [] }
const natted = { own: ['192.168.1.10'], public: [] }
const name = 'example.test'

const right: RequestListener = (request, response) => {
  const isProbe = request.url === `/.well-known/acme-challenge/${probe.token}`
  reply(response, isProbe ? 200 : 404, {}, isProbe ? `${probe.body}\n` : '')
}
const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): RequestListener =>
  (_, response) =>
    reply(response, status, headers, body)

describe('the readiness of a name', () => {
  let world: World

  beforeEach(async () => {
    world = new World()
    await world.open()
  })
  afterEach(() => world.close())

  const depsWith = (zones: Readonly<Record<string, Zone>>, more: Partial<ReadinessDeps> = {}): ReadinessDeps => ({
    resolver: resolverOf(zones),
    server,
    issuer: { identities: ['letsencrypt.org'], accountUri: null, method: 'http-01' },
    probe,
    get: world.get,
    patience: 1000,
    ...more,
  })
  const checked = (zone: Zone, more: Partial<ReadinessDeps> = {}) =>
    checkReadiness(name, depsWith({ [name]: zone }, more))
  const summary = (findings: readonly Finding[]) => findings.map(({ status, code }) => `${status} ${code}`)
  const only = (findings: readonly Finding[], check: Finding['check']) =>
    summary(findings.filter(finding => finding.check === check))
  const paramsOf = (findings: readonly Finding[], code: string) => findings.find(one => one.code === code)?.params

  it('is whole when the name leads here and the challenge is answered', async () => {
    await world.serve(own4, right)
    await world.serve(own6, right)
    const findings = await checked(
      { a: [own4], aaaa: [own6] },
      { budget: budget({ names: [name], events: [], now: new Date() }) },
    )
    expect(summary(findings)).to.deep.equal([
      'ok address_ok',
      'ok caa_none',
      'ok challenge_ok',
      'ok proxy_none',
      'ok budget_ok',
    ])
    expect(world.requests.map(({ url, address }) => [url.href, address])).to.deep.equal([
      [`http://${name}/.well-known/acme-challenge/${probe.token}`, own6],
      [`http://${name}/.well-known/acme-challenge/${probe.token}`, own4],
    ])
  })

  describe('by its addresses', () => {
    it('tells a name that does not exist from one without addresses and from one that DNS cannot tell', async () => {
      expect(only(await checkReadiness(name, depsWith({})), 'address')).to.deep.equal(['failed address_nxdomain'])
      expect(only(await checked({}), 'address')).to.deep.equal(['failed address_none'])
      const broken = await checked({ a: 'servfail', aaaa: 'servfail' })
      expect(only(broken, 'address')).to.deep.equal(['failed address_servfail'])
      expect(paramsOf(broken, 'address_servfail')).to.deep.equal({ type: 'A, AAAA', reason: 'SERVFAIL' })
      expect(only(await checked({ a: 'timeout', aaaa: 'timeout' }), 'address')).to.deep.equal([
        'warning address_unresolved',
      ])
      expect(world.connections).to.deep.equal([])
    })

    it('finds the AAAA record that was forgotten', async () => {
      await world.serve(own4, right)
      await world.serve(other6, answer(404, { server: 'Apache/2.4.62' }))
      const findings = await checked({ a: [own4], aaaa: [other6] })
      expect(only(findings, 'address')).to.deep.equal(['failed address_aaaa_elsewhere'])
      expect(paramsOf(findings, 'address_aaaa_elsewhere')).to.deep.equal({ addresses: other6, own: own6 })
      expect(only(findings, 'challenge')).to.deep.equal(['failed challenge_other_server'])
      expect(paramsOf(findings, 'challenge_other_server')).to.include({
        server: 'Apache/2.4.62',
        status: 404,
        address: other6,
      })
    })

    it('finds records that lead elsewhere, all or some', async () => {
      await world.serve(other4, answer(200, { server: 'Microsoft-IIS/10.0' }, 'welcome'))
      await world.serve(own4, right)
      expect(only(await checked({ a: [other4] }), 'address')).to.deep.equal(['failed address_elsewhere'])
      expect(only(await checked({ a: [own4, other4] }), 'address')).to.deep.equal(['failed address_partly'])
    })

    it('is at ease with an address that gives the right answer, whoever has it', async () => {
      await world.serve(other4, right)
      expect(only(await checked({ a: [other4] }), 'address')).to.deep.equal(['ok address_ok'])
    })

    it('only warns behind NAT, where nobody knows', async () => {
      const findings = await checked({ a: [other4] }, { server: natted })
      expect(only(findings, 'address')).to.deep.equal(['warning address_nat'])
      expect(only(findings, 'challenge')).to.deep.equal(['warning challenge_nat'])
      await world.serve(other4, right)
      expect(only(await checked({ a: [other4] }, { server: natted }), 'address')).to.deep.equal(['ok address_ok'])
      const told = { ...natted, public: [own4] }
      expect(only(await checked({ a: [own4] }, { server: told }), 'address')).to.deep.equal(['ok address_ok'])
      const inside = await checked({ a: ['192.168.1.10'] }, { server: natted })
      expect(only(inside, 'address')).to.deep.equal(['warning address_inside'])
    })

    it('asks nothing in private networks that are not this server', async () => {
      const targets = ['127.0.0.1', '169.254.169.254', '10.1.2.3']
      for (const address of targets) await world.serve(address, right)
      const findings = await checked({ a: targets, aaaa: ['::1', 'fd00::1', '::ffff:10.1.2.3'] })
      expect(only(findings, 'address')).to.deep.equal(['failed address_private'])
      expect(only(await checked({ a: targets }, { server: natted }), 'address')).to.deep.equal([
        'warning address_private',
      ])
      expect(world.connections).to.deep.equal([])
    })
  })

  describe('by what answers the challenge', () => {
    it('names a closed port, a silence and a broken connection', async () => {
      expect(only(await checked({ a: [own4] }), 'challenge')).to.deep.equal(['failed challenge_refused'])
      await world.serve(own4, () => {})
      const started = Date.now()
      expect(only(await checked({ a: [own4] }, { patience: 300 }), 'challenge')).to.deep.equal([
        'failed challenge_timeout',
      ])
      expect(Date.now() - started).to.be.lessThan(2000)
      await world.serve(other4, (_, response) => response.destroy())
      expect(only(await checked({ a: [other4] }), 'challenge')).to.deep.equal(['failed challenge_broken'])
    })

    it('blames nobody for IPv6 that this server does not have', async () => {
      const get = async () => Promise.reject(Object.assign(new Error('no route'), { code: 'ENETUNREACH' }))
      const findings = await checked({ a: [own4], aaaa: [own6] }, { get })
      expect(only(findings, 'challenge')).to.deep.equal(['warning challenge_unroutable', 'failed challenge_unroutable'])
      expect(only(findings, 'proxy')).to.deep.equal([])
    })

    it('does not wait for an answer that never ends', async () => {
      await world.serve(own4, (_, response) => {
        response.writeHead(200)
        response.write('x')
      })
      expect(only(await checked({ a: [own4] }, { patience: 300 }), 'challenge')).to.deep.equal([
        'failed challenge_timeout',
      ])
      await world.serve(own4, (_, response) => response.end('x'.repeat(5_000_000)))
      expect(only(await checked({ a: [own4] }), 'challenge')).to.deep.equal(['failed challenge_content'])
    })

    for (const [status, code] of [
      [404, 'challenge_not_found'],
      [403, 'challenge_denied'],
      [401, 'challenge_denied'],
      [500, 'challenge_status'],
      [200, 'challenge_content'],
    ] as const)
      it(`explains ${status} of this server`, async () => {
        await world.serve(own4, answer(status, { server: 'nginx' }, 'x'))
        const findings = await checked({ a: [own4] })
        expect(only(findings, 'challenge')).to.deep.equal([`failed ${code}`])
        expect(paramsOf(findings, code)).to.include({ status, server: 'nginx' })
      })

    it('takes an IPv6 address without an answer easily when IPv4 answers, as authorities do', async () => {
      await world.serve(own4, right)
      const findings = await checked({ a: [own4], aaaa: [own6] })
      expect(only(findings, 'challenge')).to.deep.equal(['warning challenge_refused'])
    })

    it('follows redirects to TLS, whatever its certificate, and to other names', async () => {
      const path = `/.well-known/acme-challenge/${probe.token}`
      await world.serve(own4, answer(301, { location: `https://${name}${path}` }))
      await world.serveTls(own4, answer(308, { location: `http://www.${name}${path}` }))
      await world.serve(other4, right)
      const zones = { [name]: { a: [own4] }, [`www.${name}`]: { a: [other4] } }
      expect(only(await checkReadiness(name, depsWith(zones)), 'challenge')).to.deep.equal(['ok challenge_ok'])
      expect(world.connections).to.deep.equal([`${own4}:80`, `${own4}:443`, `${other4}:80`])
    })

    it('ends a circle of redirects', async () => {
      await world.serve(own4, answer(302, { location: '/a' }))
      expect(only(await checked({ a: [own4] }), 'challenge')).to.deep.equal(['failed challenge_redirect_loop'])
      let count = 0
      await world.serve(own4, (_, response) => reply(response, 302, { location: `/${++count}` }))
      const findings = await checked({ a: [own4] })
      expect(only(findings, 'challenge')).to.deep.equal(['failed challenge_redirect_loop'])
      expect(count).to.equal(11)
    })

    it('follows ten redirects', async () => {
      let count = 0
      await world.serve(own4, (_, response) => {
        if (count === 10) response.end(probe.body)
        else reply(response, 302, { location: `/${++count}` })
      })
      expect(only(await checked({ a: [own4] }), 'challenge')).to.deep.equal(['ok challenge_ok'])
    })

    for (const [location, code] of [
      ['http://example.test:8080/', 'challenge_redirect_target'],
      ['ftp://example.test/', 'challenge_redirect_target'],
      ['http://', 'challenge_redirect_target'],
      ['http://nowhere.test/', 'challenge_redirect_target'],
      ['http://127.0.0.1/', 'challenge_redirect_private'],
      ['http://[::1]/', 'challenge_redirect_private'],
      ['http://2130706433/', 'challenge_redirect_private'],
      ['http://inside.test/latest/meta-data/', 'challenge_redirect_private'],
    ] as const)
      it(`does not follow a redirect to ${location}`, async () => {
        await world.serve(own4, answer(302, { location }))
        const zones = { [name]: { a: [own4, '169.254.169.254'] }, 'inside.test': { a: ['169.254.169.254'] } }
        const findings = await checkReadiness(name, depsWith(zones))
        expect(only(findings, 'challenge')).to.deep.equal([`failed ${code}`])
        expect(world.connections).to.deep.equal([`${own4}:80`])
      })

    it('follows a redirect back to an address inside that the name itself has', async () => {
      await world.serve('192.168.1.10', (request, response) =>
        request.headers.host === name
          ? reply(response, 302, { location: 'http://www.example.test/' })
          : response.end(probe.body),
      )
      const zones = { [name]: { a: ['192.168.1.10'] }, 'www.example.test': { a: ['192.168.1.10'] } }
      const findings = await checkReadiness(name, depsWith(zones, { server: natted }))
      expect(only(findings, 'challenge')).to.deep.equal(['ok challenge_ok'])
    })

    it('says one fault of several addresses once', async () => {
      await world.serve(own4, answer(404))
      const all = { own: [own4, '93.184.216.35'], public: [] }
      await world.serve('93.184.216.35', answer(404))
      const findings = await checked({ a: all.own }, { server: all })
      expect(only(findings, 'challenge')).to.deep.equal(['failed challenge_not_found'])
    })

    it('shows nothing of an answer that could be more than a word', async () => {
      await world.serve(own4, answer(500, { server: `<b>\u00ffx${'y'.repeat(500)}` }))
      const { server = '' } = paramsOf(await checked({ a: [own4] }), 'challenge_status') ?? {}
      expect(String(server))
        .to.match(/^<b> xy+…$/)
        .and.have.length(60)
    })
  })

  describe('by what stands in front', () => {
    for (const [proxy, headers] of [
      ['Cloudflare', { server: 'cloudflare', 'cf-ray': '8f' }],
      ['Amazon CloudFront', { via: '1.1 abc.cloudfront.net (CloudFront)' }],
      ['Fastly', { via: '1.1 varnish', 'x-served-by': 'cache-sin1' }],
      ['1.1 squid.example', { via: '1.1 squid.example' }],
    ] as const)
      it(`names ${proxy}, letting through or not`, async () => {
        await world.serve(other4, answer(200, headers as Record<string, string>, probe.body))
        const through = await checked({ a: [other4] })
        expect(only(through, 'proxy')).to.deep.equal(['warning proxy_present'])
        expect(only(through, 'address')).to.deep.equal(['warning address_proxied'])
        expect(paramsOf(through, 'proxy_present')).to.deep.equal({ proxy, address: other4 })
        await world.serve(other4, answer(522, headers as Record<string, string>))
        const not = await checked({ a: [other4, '151.101.1.2', '151.101.1.3'] })
        expect(only(not, 'proxy')).to.deep.equal(['failed proxy_intercepts'])
        expect(only(not, 'address')).to.include('warning address_proxied')
      })

    it('sees none in what applications of this server write', async () => {
      await world.serve(own4, answer(200, { via: '1.1 app' }, probe.body))
      expect(only(await checked({ a: [own4] }), 'proxy')).to.deep.equal(['ok proxy_none'])
    })
  })

  describe('by the budget', () => {
    const now = new Date('2026-01-01')
    const failures = (count: number): PastEvent[] =>
      Array.from({ length: count }, () => ({ at: now, kind: 'failure', names: [name] }))
    const withFailures = async (count: number) =>
      checked({ a: [] }, { budget: budget({ names: [name, 'other.test'], events: failures(count), now }) })

    it('warns of the last try and fails without one', async () => {
      expect(only(await withFailures(3), 'budget')).to.deep.equal(['ok budget_ok'])
      expect(only(await withFailures(4), 'budget')).to.deep.equal(['warning budget_low'])
      const exhausted = await withFailures(5)
      expect(only(exhausted, 'budget')).to.deep.equal(['failed budget_exhausted'])
      expect(paramsOf(exhausted, 'budget_exhausted')).to.deep.equal({
        limit: 'failures',
        subject: name,
        used: 5,
        of: 5,
        freeAt: '2026-01-01T00:12:00.000Z',
      })
    })

    it('says nothing of limits that a renewal is exempt from', async () => {
      const exempt = budget({ names: [name], events: failures(5), now, renewal: 'ari' })
      expect(only(await checked({ a: [] }, { budget: exempt }), 'budget')).to.deep.equal(['ok budget_ok'])
    })
  })

  describe('of many names', () => {
    it('is told as it is found, ten names at a time, in the order of the names', async () => {
      const names = Array.from({ length: 25 }, (_, index) => `n${index}.test`)
      let [running, most] = [0, 0]
      const resolver = resolverOf({})
      const slow = async (name: string) => {
        most = Math.max(most, ++running)
        await new Promise(resolve => setTimeout(resolve, 5))
        running--
        return resolver.caa(name)
      }
      const told: Finding[] = []
      const deps = depsWith(
        {},
        { resolver: { ...resolver, caa: name => (name === 'test' ? resolver.caa(name) : slow(name)) } },
      )
      const findings = await checkSite([...names, 'n0.test'], deps, finding => told.push(finding))
      expect(most).to.equal(10)
      expect([...new Set(findings.map(finding => finding.name))]).to.deep.equal(names)
      expect(told).to.have.members(findings)
    })

    it('needs no way to names of a wildcard, nor where authorities do not come by HTTP', async () => {
      const wildcard = await checkReadiness('*.example.test', depsWith({ [name]: {} }))
      expect(summary(wildcard)).to.deep.equal(['ok caa_none'])
      const issuer = { identities: ['letsencrypt.org'], accountUri: null, method: 'dns-01' as const }
      expect(summary(await checked({ a: [other4] }, { issuer }))).to.deep.equal(['ok caa_none'])
      expect(world.connections).to.deep.equal([])
    })

    it('waits for no resolver that is silent', async () => {
      const never = () => new Promise<never>(() => {})
      const findings = await checkReadiness(
        name,
        depsWith({}, { resolver: { a: never, aaaa: never, caa: never }, patience: 100 }),
      )
      expect(summary(findings)).to.deep.equal(['warning address_unresolved', 'warning caa_unresolved'])
    })
  })
})
