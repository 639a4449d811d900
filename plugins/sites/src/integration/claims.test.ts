import { expect } from 'chai'
import { startDatabase, type TestDatabase } from '../testing/database.js'
import { SitesPanel } from '../testing/sites-panel.js'

for (const store of ['SQLite', 'PostgreSQL'] as const)
  describe(`names of sites on ${store}`, function () {
    this.timeout(60_000)
    let database: TestDatabase | undefined
    let sites: SitesPanel
    before(async () => {
      if (store === 'PostgreSQL') database = await startDatabase()
      sites = await SitesPanel.start({ databaseUrl: database?.url })
    })
    after(async () => {
      await sites?.stop()
      await database?.stop()
    })

    it('belong to one site, however many ask at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          sites.admin.post('/sites', { domain: `n${index}.test`, aliases: ['wanted.test'], runtime: 'static' }),
        ),
      )
      const accepted = answers.filter(({ status }) => status === 202)
      const refused = answers.filter(({ status }) => status === 409)
      expect([accepted.length, refused.length]).to.deep.equal([1, 19])
      await sites.succeeded(accepted[0]?.body.job.id)
      const { body } = await sites.admin.get(`/sites/${accepted[0]?.body.id}`)
      for (const { body: problem } of refused) {
        expect(problem).to.deep.include({ code: 'sites.name_taken' })
        expect(problem.params).to.deep.include({ name: 'wanted.test', site: body.domain, siteId: body.id })
        expect(problem.fields[0].path).to.equal('aliases.0')
      }
      expect((await sites.admin.get('/sites')).body.total).to.equal(1)
    })

    it('are free again after the site is renamed', async () => {
      const id = await sites.create({ domain: 'first.test', runtime: 'static', aliases: ['spare.test'] })
      await sites.update(id, { domain: 'second.test', aliases: [] })
      expect((await sites.visit('first.test')).status).to.equal(404)
      expect((await sites.visit('second.test')).status).to.equal(200)
      await sites.create({ domain: 'first.test', runtime: 'static', aliases: ['spare.test'] })
    })

    it('answer again to a request that is sent again with its idempotency key', async () => {
      const ask = () =>
        sites.admin.post('/sites', { domain: 'again.test', runtime: 'static' }, { 'idempotency-key': 'again-1' })
      const [first, second] = [await ask(), await ask()]
      expect([first.status, second.status]).to.deep.equal([202, 202])
      expect(second.body).to.deep.equal(first.body)
      await sites.succeeded(first.body.job.id)
    })

    it('under a wildcard belong to its account alone, and whose they are is not told', async () => {
      await sites.create({ domain: 'wide.test', runtime: 'static', aliases: ['*.wide.test'] })
      await sites.create({ domain: 'own.wide.test', runtime: 'static' })
      expect((await sites.visit('own.wide.test')).text).to.include('own.wide.test is ready')
      const user = sites.panel.as('user')
      const taken = await user.post('/sites', { domain: 'sub.wide.test', runtime: 'static' })
      expect(taken.status).to.equal(409)
      expect(taken.body.code).to.equal('sites.name_taken_elsewhere')
      expect(taken.text).to.not.include('"site"')
      const wildcard = await user.post('/sites', { domain: 'x.test', runtime: 'static', aliases: ['*.own.wide.test'] })
      expect(wildcard.status).to.equal(409)
    })

    it('and wildcards over them go to one account alone, however many ask at once', async () => {
      const user = sites.panel.as('user')
      await user.get('/sites')
      for (let round = 0; round < 5; round++) {
        const answers = await Promise.all([
          sites.admin.post('/sites', { domain: `w${round}.test`, aliases: [`*.race${round}.test`], runtime: 'static' }),
          user.post('/sites', { domain: `a.race${round}.test`, runtime: 'static' }),
          user.post('/sites', { domain: `u${round}.test`, aliases: [`*.b.race${round}.test`], runtime: 'static' }),
        ])
        const [wildcard, below, deeper] = answers.map(({ status }) => status)
        expect(
          wildcard === 202 ? [202, 409, 409] : [409],
          JSON.stringify(answers.map(each => each.text)),
        ).to.deep.equal(wildcard === 202 ? [wildcard, below, deeper] : [wildcard])
        if (wildcard === 409) expect([below, deeper]).to.include(202)
        for (const { body, status } of answers) if (status === 202) await sites.succeeded(body.job.id)
      }
    })

    it('cannot be taken under a wildcard that comes later, nor by another way to write them', async () => {
      const user = sites.panel.as('user')
      await sites.create({ domain: 'shop.early.test', runtime: 'static' }, user)
      const over = { domain: 'late.test', aliases: ['*.early.test'], runtime: 'static' }
      const wildcard = await sites.admin.post('/sites?dry_run=true', over)
      expect([wildcard.status, wildcard.body.fields[0].path]).to.deep.equal([409, 'aliases.0'])
      const upper = await sites.admin.post('/sites?dry_run=true', { domain: 'SHOP.Early.TEST', runtime: 'static' })
      expect([upper.status, upper.body.code]).to.deep.equal([409, 'sites.name_taken'])
      const dotted = await sites.admin.post('/sites?dry_run=true', { domain: 'shop.early.test.', runtime: 'static' })
      expect(dotted.body.fields[0].code).to.equal('sites.domain_trailing_dot')
      // The web server reads a Host header with capitals and a final dot as the same name.
      for (const host of ['SHOP.early.test', 'shop.early.test.'])
        expect((await sites.visit(host)).text, host).to.include('shop.early.test is ready')
      const encoded = await sites.create({ domain: 'BÜCHER.early2.test', runtime: 'static' })
      const again = await sites.admin.post('/sites?dry_run=true', {
        domain: 'xn--bcher-kva.early2.test',
        runtime: 'php',
      })
      expect(again.body.params.siteId).to.equal(encoded)
      const found = await sites.admin.get(`/sites?q=${encodeURIComponent('bücher.early2')}`)
      expect(found.body.items).to.have.length(1)
    })

    it('below a name belong to its account, unless an administrator gives them away', async () => {
      await sites.create({ domain: 'parent.test', runtime: 'static' })
      const user = sites.panel.as('user')
      for (const fields of [{ domain: 'child.parent.test' }, { domain: 'y.test', aliases: ['*.parent.test'] }]) {
        const refused = await user.post('/sites?dry_run=true', { ...fields, runtime: 'static' })
        expect(refused.status, refused.text).to.equal(409)
        expect(refused.body.code).to.equal('sites.name_taken_elsewhere')
      }
      await sites.create({ domain: 'given.parent.test', runtime: 'static' })
    })

    it('are found in the list by any part, page by page, in each order', async () => {
      const all: string[] = []
      let cursor = ''
      do {
        const { body } = await sites.admin.get(`/sites?limit=2&sort=-domain${cursor && `&cursor=${cursor}`}`)
        all.push(...body.items.map((site: { domain: string }) => site.domain))
        cursor = body.nextCursor ?? ''
      } while (cursor)
      expect(all).to.deep.equal([...new Set(all)].sort().reverse())
      expect((await sites.admin.get('/sites')).body.total).to.equal(all.length)
      const found = await sites.admin.get('/sites?q=SPARE')
      expect(found.body.items.map((site: { domain: string }) => site.domain)).to.deep.equal(['first.test'])
      expect((await sites.admin.get('/sites?q=%25')).body.items).to.deep.equal([])
      expect((await sites.admin.get('/sites?cursor=x')).status).to.equal(422)
    })

    it('of the panel are refused', async () => {
      const answer = await sites.admin.post('/sites', { domain: 'localhost', runtime: 'static' })
      expect(answer.status).to.equal(422)
      expect(answer.body.fields[0]).to.deep.include({ path: 'domain', code: 'sites.domain_panel' })
    })
  })
