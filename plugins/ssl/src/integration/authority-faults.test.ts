import { expect } from 'chai'
import { thumbprintOf } from '../server/acme/acme-client.js'
import { Authorities } from '../server/authorities/authorities.js'
import { flooding, json, RawAuthority, redirecting } from '../testing/raw-authority.js'
import { SslPanel } from '../testing/ssl-panel.js'
import { stateOf } from '../testing/state.js'

describe('an authority that does as none should, and many who use one', function () {
  this.timeout(120_000)
  let ssl: SslPanel
  let raw: RawAuthority
  before(async () => {
    ssl = await SslPanel.start()
    raw = await RawAuthority.start()
  })
  after(async () => {
    await raw?.stop()
    await ssl?.stop()
  })

  const signal = () => AbortSignal.timeout(20_000)
  const add = (id: string, directoryUrl: string, caPem: string, more: object = {}) =>
    ssl.done(ssl.admin.post('/ssl/authorities', { id, name: id, directoryUrl, caPem, ...more }), 201)

  /** As another process that shares the state sees it; with secrets that take their time, as sealed ones do. */
  async function another(secrets: Map<string, string>): Promise<Authorities> {
    const knex = await stateOf(ssl.panel)
    const soon = () => new Promise(resolve => setTimeout(resolve, Math.random() * 10))
    const kept = {
      get: async (name: string) => {
        await soon()
        return secrets.get(name) ?? null
      },
      put: async (name: string, value: string) => {
        await soon()
        secrets.set(name, value)
      },
      remove: async (name: string) => {
        await soon()
        secrets.delete(name)
      },
    }
    const context = { db: { knex }, secrets: kept } as unknown as ConstructorParameters<typeof Authorities>[0]
    return new Authorities(context, { get: async () => ({ authority: 'pebble', contact: '' }) as never })
  }

  it('has one account and one key, however many use it first at once and in several processes', async () => {
    for (let round = 0; round < 5; round++) {
      const id = `first-${round}`
      const secrets = new Map<string, string>()
      await add(id, ssl.pebble.directoryUrl, ssl.pebble.caPem)
      const processes = await Promise.all([another(secrets), another(secrets), another(secrets)])
      const uses = processes.flatMap(each => Array.from({ length: 5 }, () => each.thumbprint(id)))
      const opened = processes.map(each => each.open(id, signal()))
      const thumbprints = new Set(await Promise.all(uses))
      await Promise.all(opened)
      const [key, ...others] = secrets.values()
      expect(others, 'what nobody uses is not kept').to.deep.equal([])
      expect([...thumbprints]).to.deep.equal([thumbprintOf(key as string)])
      const row = await (await stateOf(ssl.panel))('ssl_accounts').where({ authority: id }).first()
      expect(row.thumbprint).to.equal(thumbprintOf(key as string))
      expect(row.account_url).to.match(/^https:/)
      expect(await processes[0]?.thumbprint(id)).to.equal(row.thumbprint)
    }
  })

  it('has another account when its key is lost, and the key of a roll-over afterwards', async () => {
    const secrets = new Map<string, string>()
    await add('lost', ssl.pebble.directoryUrl, ssl.pebble.caPem)
    const authorities = await another(secrets)
    await authorities.open('lost', signal())
    const first = await authorities.thumbprint('lost')
    secrets.clear()
    await Promise.all([authorities.open('lost', signal()), (await another(secrets)).open('lost', signal())])
    const second = await authorities.thumbprint('lost')
    expect(second).to.not.equal(first)
    await authorities.rollOver('lost', signal())
    const third = await authorities.thumbprint('lost')
    expect(third).to.not.equal(second)
    expect([...secrets.values()].map(thumbprintOf)).to.deep.equal([third])
    await authorities.open('lost', signal())
    await authorities.remove('lost')
    expect(secrets.size).to.equal(0)
  })

  it('is not asked over anything but https, nor elsewhere, nor without end', async () => {
    const authorities = await another(new Map())
    let round = 0
    const told = async () => {
      const id = `told-${round++}`
      // Another query, so that what was believed of it before is not.
      const path = `/directory?${id}`
      raw.on(path, reply)
      await add(id, `${raw.origin}${path}`, raw.caPem)
      const info = await authorities.renewalInfo(id, signal())
      return { url: info?.renewalInfo ?? null, identities: await authorities.identities(id, signal()) }
    }
    let reply = json({ renewalInfo: `${raw.origin}/advice`, meta: { caaIdentities: ['ca.test', 7, null] } })
    expect(await told()).to.deep.equal({ url: `${raw.origin}/advice`, identities: ['ca.test'] })
    const nothing = { url: null, identities: [] }
    for (const renewalInfo of ['http://127.0.0.1/advice', 'file:///etc/passwd', 7, { a: 1 }]) {
      reply = json({ renewalInfo, meta: { caaIdentities: 'ca.test' } })
      expect(await told(), String(renewalInfo)).to.deep.equal(nothing)
    }
    raw.on('/other', json({ renewalInfo: `${raw.origin}/advice` }))
    for (const bad of [redirecting(`${raw.origin}/other`), flooding, json(null), json('text'), json({}, 500)]) {
      reply = bad
      expect(await told()).to.deep.equal(nothing)
    }
    expect(raw.asked).to.not.include('GET /other')
  })

  it('fails an order with a reason where it leads to plain HTTP or elsewhere', async () => {
    const id = await ssl.site('strays.example.test')
    const send = async (authority: string) =>
      (await ssl.done(ssl.admin.post(`/ssl/sites/${id}/issue`, { authority }), 202)).body.job.id as string
    raw.on('/plain', json({ newNonce: 'http://127.0.0.1:9/nonce', newAccount: `${raw.origin}/account` }))
    await add('plain', `${raw.origin}/plain`, raw.caPem)
    raw.on('/moved', redirecting(ssl.pebble.directoryUrl))
    await add('moved', `${raw.origin}/moved`, raw.caPem)
    for (const [authority, reason] of [
      ['plain', /no https URL/],
      ['moved', /redirects are not followed/],
    ] as const) {
      const problem = await ssl.failed(await send(authority))
      expect(problem.code).to.equal('ssl.certificate_wrong')
      expect(problem.params.reason).to.match(reason)
    }
  })

  it('shows how it is reached to those alone who may change that', async () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64url')
    await add('private', ssl.pebble.directoryUrl, ssl.pebble.caPem, { eabKeyId: 'kid-of-the-account', eabSecret: key })
    const site = await ssl.site('uses.example.test')
    await ssl.change('post', `/ssl/sites/${site}/issue`, {})
    interface Seen {
      readonly id: string
      readonly caPem: unknown
      readonly eabKeyId: unknown
      readonly accountUrl: unknown
    }
    const seen = async (who: 'admin' | 'user'): Promise<Seen[]> =>
      (await ssl.panel.as(who).get('/ssl/authorities')).body.items
    const all = await seen('admin')
    expect(all.find(({ id }) => id === 'private')).to.include({ eabKeyId: 'kid-of-the-account' })
    expect(all.find(({ id }) => id === 'pebble')?.accountUrl).to.match(/^https:/)
    const some = await seen('user')
    expect(some.map(({ id }) => id)).to.deep.equal(all.map(({ id }) => id))
    for (const each of some) expect(each).to.include({ caPem: null, eabKeyId: null, accountUrl: null })
    expect((await ssl.panel.as('user').get('/ssl/providers')).body.items).to.deep.equal([])
  })

  it('certifies 10,000 sites, of which who has one is shown one at no cost', async () => {
    const owner = ssl.panel.as('user')
    const own = await ssl.site('own.example.test', {}, owner)
    const model = await ssl.site('model.example.test')
    for (const [id, client] of [
      [own, owner],
      [model, ssl.admin],
    ] as const)
      await ssl.change('post', `/ssl/sites/${id}/issue`, {}, client)
    const knex = await stateOf(ssl.panel)
    const { certificate } = await ssl.standing(model)
    const rows = {
      resource: await knex('resources').where({ id: model }).first(),
      site: await knex('sites_sites').where({ id: model }).first(),
      standing: await knex('ssl_sites').where({ site_id: model }).first(),
      certificate: await knex('ssl_certificates').where({ id: certificate?.id }).first(),
    }
    const count = 10_000
    await knex.transaction(async trx => {
      for (let index = 0; index < count; index++) {
        const id = `many-${index}`
        const domain = `many-${index}.example.test`
        await trx('resources').insert({ ...rows.resource, id })
        await trx('sites_sites').insert({ ...rows.site, id, domain, tenant: `t${index}` })
        await trx('ssl_certificates').insert({ ...rows.certificate, id: `c-${index}`, site_id: id })
        await trx('ssl_sites').insert({ ...rows.standing, site_id: id, certificate_id: `c-${index}` })
      }
    })
    const asked: string[] = []
    const listen = ({ sql }: { sql: string }) => asked.push(sql)
    knex.on('query', listen)
    const measured = async (client: typeof owner, path: string) => {
      await client.get(path)
      asked.length = 0
      globalThis.gc?.()
      const [heap, cpu, started] = [process.memoryUsage().heapUsed, process.cpuUsage(), performance.now()]
      let most = 0
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage().heapUsed - heap)
      }, 1)
      const answer = await ssl.done(client.get(path), 200)
      const ms = performance.now() - started
      clearInterval(watch)
      most = Math.max(most, process.memoryUsage().heapUsed - heap)
      const { user, system } = process.cpuUsage(cpu)
      const ours = asked.filter(sql => sql.includes('ssl_'))
      console.log(
        `        ${path}: ${Math.round(ms)} ms, ${Math.round((user + system) / 1000)} ms of CPU, ` +
          `${(most / 2 ** 20).toFixed(1)} MB, ${asked.length} queries, ${answer.text.length} bytes`,
      )
      return { ms, most, ours, body: answer.body }
    }
    try {
      for (const path of ['/ssl', '/ssl/expiry']) {
        const { ms, most, ours, body } = await measured(owner, path)
        const domains = body.items.map((each: { domain: string }) => each.domain)
        expect(domains).to.deep.equal(['own.example.test'])
        expect(ours).to.have.length(2)
        expect(ms, 'milliseconds').to.be.below(250)
        expect(most / 2 ** 20, 'MB').to.be.below(16)
      }
      for (const path of ['/ssl', '/ssl?limit=200&sort=domain', '/ssl/expiry']) {
        const { ours, body } = await measured(ssl.admin, path)
        expect(ours.length, 'a query for each 500 sites').to.be.below(60)
        for (const sql of ours) if (sql.includes('ssl_certificates')) expect(sql).to.not.match(/\*|chain/)
        if (path.includes('expiry')) expect(body.items.length).to.be.above(count)
        else expect(body.total).to.be.above(count)
      }
      const seen = new Set<string>()
      for (let cursor: string | undefined, pages = 0; pages < 3; pages++) {
        const path: string = `/ssl?limit=100${cursor ? `&cursor=${cursor}` : ''}`
        const { body } = await ssl.done(ssl.admin.get(path), 200)
        for (const { siteId } of body.items) seen.add(siteId)
        cursor = body.nextCursor
      }
      expect(seen.size).to.equal(300)
      const wrong = await owner.get('/ssl?cursor=x')
      expect([wrong.status, wrong.body.fields?.[0]?.path]).to.deep.equal([422, 'cursor'])
    } finally {
      knex.removeListener('query', listen)
    }
  })
})
