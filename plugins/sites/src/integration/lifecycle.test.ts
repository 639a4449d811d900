import { existsSync, readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

describe('the life of a site', function () {
  this.timeout(60_000)
  let sites: SitesPanel
  before(async () => {
    sites = await SitesPanel.start()
  })
  after(() => sites?.stop())

  const vhosts = () => readdirSync(`${sites.panel.home}/etc/nginx/nusantara.d`).sort()

  it('begins with a plan that shows the files, and creates exactly that', async () => {
    const body = { domain: 'planned.test', runtime: 'static' as const }
    const { status, body: plan } = await sites.admin.post('/sites?dry_run=true', body)
    expect(status, JSON.stringify(plan)).to.equal(200)
    const vhost = plan.files.find((file: { path: string }) => file.path.includes('nusantara.d/'))
    expect(vhost.action).to.equal('create')
    expect(vhost.diff).to.include('server_name planned.test;')
    expect(plan.operations.map((each: { operation: string }) => each.operation)).to.deep.equal([
      'documentRoot.create',
      'welcome.write',
    ])
    expect((await sites.admin.get('/sites?q=planned')).body.items).to.deep.equal([])
    const applied = await sites.admin.post('/sites', body, { 'plan-hash': plan.hash })
    expect(applied.status, applied.text).to.equal(202)
    await sites.succeeded(applied.body.job.id)
    expect((await sites.visit('planned.test')).status).to.equal(200)
    const taken = await sites.admin.post('/sites?dry_run=true', body)
    expect(taken.status).to.equal(409)
  })

  it('is taken back whole when it cannot be published, and can be tried again', async () => {
    await sites.create({ domain: 'steady.test', runtime: 'static' })
    const broken = `${sites.panel.home}/etc/nginx/nusantara.d/broken.conf`
    const before = { files: vhosts(), tenants: readdirSync(`${sites.panel.home}/www`) }
    const body = { domain: 'unlucky.test', runtime: 'php', aliases: ['www.unlucky.test'] }
    await writeFile(broken, 'nonsense;\n')
    const answer = await sites.admin.post('/sites', body)
    const problem = await sites.failed(answer.body.job.id).finally(() => rm(broken))
    expect(problem.code).to.equal('check_failed')
    expect(JSON.stringify(problem.params)).to.include('nonsense')
    expect({ files: vhosts(), tenants: readdirSync(`${sites.panel.home}/www`) }).to.deep.equal(before)
    expect((await sites.admin.get(`/sites/${answer.body.id}`)).status).to.equal(404)
    expect((await sites.admin.post('/sites?dry_run=true', body)).status).to.equal(200)
    expect((await sites.visit('steady.test')).status).to.equal(200)
    const retried = await sites.admin.post(`/jobs/${answer.body.job.id}/retry`)
    expect(retried.status, retried.text).to.be.oneOf([200, 202])
    await sites.succeeded(answer.body.job.id)
    expect((await sites.visit('www.unlucky.test')).status).to.equal(200)
    expect((await sites.admin.get(`/sites/${answer.body.id}`)).body.state).to.equal('active')
  })

  it('stays as it was when a change of it fails, and hinders no others', async () => {
    const before = vhosts()
    const good = ['a', 'b', 'c'].map(name => ({ domain: `good-${name}.test`, runtime: 'static' as const }))
    const id = await sites.create({ domain: 'bad.test', runtime: 'static' })
    const bad = sites.admin.put(`/sites/${id}/directives`, { directives: 'location / { etag off; }' })
    const created = await Promise.all([...good.map(body => sites.create(body)), bad])
    const problem = await sites.failed((created.at(-1) as Awaited<typeof bad>).body.job.id)
    expect(problem.code).to.equal('check_failed')
    expect(JSON.stringify(problem.params)).to.include('duplicate location')
    for (const { domain } of good) expect((await sites.visit(domain)).status).to.equal(200)
    expect((await sites.visit('bad.test')).status).to.equal(200)
    expect((await sites.admin.get(`/sites/${id}`)).body.directives).to.equal('')
    expect(vhosts()).to.have.length(before.length + 4)
  })

  it('takes custom directives from administrators alone', async () => {
    const id = await sites.create({ domain: 'custom.test', runtime: 'static' })
    const set = (directives: string) => sites.admin.put(`/sites/${id}/directives`, { directives })
    const answer = await set('add_header X-Made-By "us" always;\nlocation /gone { return 410; }')
    expect(answer.status, answer.text).to.equal(202)
    await sites.succeeded(answer.body.job.id)
    const page = await sites.visit('custom.test')
    expect(page.headers['x-made-by']).to.equal('us')
    expect((await sites.visit('custom.test', { path: '/gone' })).status).to.equal(410)
    const refused = await set('etag on;\nroot /etc;')
    expect(refused.status).to.equal(422)
    expect(refused.body.fields[0]).to.deep.include({ path: 'directives', code: 'sites.directives_unknown' })
    expect(refused.body.fields[0].message).to.match(/^line 2: 'root' may not stand here/)
    const user = await sites.panel.as('user').put(`/sites/${id}/directives`, { directives: '' })
    expect(user.status).to.equal(403)
  })

  it('pauses with 503 for everything and goes on as before', async () => {
    const id = await sites.create({ domain: 'pausing.test', runtime: 'php' })
    const suspended = await sites.admin.post(`/sites/${id}/suspend`)
    await sites.succeeded(suspended.body.job.id)
    for (const path of ['/', '/index.html', '/x.php']) {
      const answer = await sites.visit('pausing.test', { path })
      expect(answer.status).to.equal(503)
      expect(answer.text).to.include('suspended')
    }
    expect((await sites.admin.post(`/sites/${id}/suspend`)).status).to.equal(409)
    expect((await sites.admin.get(`/sites/${id}`)).body.suspended).to.equal(true)
    const resumed = await sites.admin.post(`/sites/${id}/resume`)
    await sites.succeeded(resumed.body.job.id)
    expect((await sites.visit('pausing.test')).status).to.equal(200)
  })

  it('adds up changes that are queued at once', async () => {
    const id = await sites.create({ domain: 'busy.test', runtime: 'static' })
    const patches = [
      { uploadLimit: '3m' },
      { index: ['a.html', 'index.html'] },
      { aliases: ['www.busy.test'] },
      { errorPages: { '404': '/404.html' } },
    ]
    const answers = await Promise.all(patches.map(patch => sites.admin.patch(`/sites/${id}`, patch)))
    for (const { body } of answers) await sites.succeeded(body.job.id)
    const { body } = await sites.admin.get(`/sites/${id}`)
    expect(body).to.deep.include(Object.assign({}, ...patches))
    expect((await sites.visit('www.busy.test')).status).to.equal(200)
  })

  it('does not overwrite what somebody changed by hand', async () => {
    const id = await sites.create({ domain: 'hand.test', runtime: 'static' })
    const { body } = await sites.admin.get(`/sites/${id}`)
    const file = `${sites.panel.home}/etc/nginx/nusantara.d/${body.tenant}.conf`
    const edited = `${await readFile(file, 'utf8')}# by hand\n`
    await writeFile(file, edited)
    const answer = await sites.admin.patch(`/sites/${id}`, { uploadLimit: '5m' })
    expect((await sites.failed(answer.body.job.id)).code).to.equal('drift')
    expect(await readFile(file, 'utf8')).to.equal(edited)
    expect((await sites.admin.get(`/sites/${id}`)).body.uploadLimit).to.equal('16m')
  })

  it('writes logs that its owner can read', async () => {
    const id = await sites.create({ domain: 'logs.test', runtime: 'static' })
    await sites.visit('logs.test', { path: '/wanted?x=%1b[2J', headers: { 'user-agent': 'a\u009b31mb' } })
    const { body } = await sites.admin.get(`/sites/${id}/logs?log=access&q=wanted`)
    expect(body.lines).to.have.length(1)
    expect(body.lines[0])
      .to.include('GET /wanted')
      .and.not.match(/\p{Cc}/u)
    expect((await sites.admin.get(`/sites/${id}/logs?log=../../x`)).status).to.equal(422)
  })

  it('ends when its name confirms it, with its files or without', async () => {
    for (const keepFiles of [false, true]) {
      const domain = keepFiles ? 'kept.test' : 'ended.test'
      const id = await sites.create({ domain, runtime: 'php' })
      const files = await sites.filesOf(id)
      await writeFile(`${files}/public/precious.txt`, 'precious')
      const { status, body: plan } = await sites.admin.delete(`/sites/${id}?keepFiles=${keepFiles}&dry_run=true`)
      expect(status, JSON.stringify(plan)).to.equal(200)
      expect(plan.files.map((file: { action: string }) => file.action)).to.deep.equal(['delete', 'delete'])
      const refused = await sites.admin.delete(`/sites/${id}?confirm=other.test&keepFiles=${keepFiles}`)
      expect(refused.status).to.equal(422)
      expect(refused.body.fields[0].path).to.equal('confirm')
      const answer = await sites.admin.delete(`/sites/${id}?confirm=${domain}&keepFiles=${keepFiles}`)
      expect(answer.status, answer.text).to.equal(202)
      await sites.succeeded(answer.body.job.id)
      expect((await sites.visit(domain)).status).to.equal(404)
      expect((await sites.admin.get(`/sites/${id}`)).status).to.equal(404)
      expect(existsSync(files)).to.equal(false)
    }
    const names = await sites.admin.post('/sites?dry_run=true', { domain: 'ended.test', runtime: 'static' })
    expect(names.status).to.equal(200)
  })

  it("is nobody else's business", async () => {
    const user = sites.panel.as('user')
    const foreign = await sites.create({ domain: 'foreign.test', runtime: 'static' })
    const own = await sites.create({ domain: 'mine.test', runtime: 'static' }, user)
    const { body: list } = await user.get('/sites')
    expect(list.items.map((site: { id: string }) => site.id)).to.deep.equal([own])
    expect(list.total).to.equal(1)
    for (const ask of [
      user.get(`/sites/${foreign}`),
      user.get(`/sites/${foreign}/logs`),
      user.patch(`/sites/${foreign}`, { uploadLimit: '1m' }),
      user.post(`/sites/${foreign}/suspend`),
      user.delete(`/sites/${foreign}?confirm=foreign.test`),
    ])
      expect((await ask).status).to.equal(404)
    const proxy = { type: 'proxy', target: 'http://10.0.0.1:8000' }
    const refused = await user.patch(`/sites/${own}`, { runtime: proxy })
    expect(refused.body.fields[0]).to.deep.include({ path: 'runtime.target', code: 'sites.upstream_host' })
  })
})
