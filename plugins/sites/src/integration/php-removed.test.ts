import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

describe('sites whose version of PHP was removed from the server', function () {
  this.timeout(60_000)
  let sites: SitesPanel
  /** Stands for the program of a version: what the table of versions looks for. */
  let program: (version: string) => string
  before(async () => {
    sites = await SitesPanel.start()
    const { broker, home } = sites.panel
    const programs = `${home}/programs`
    program = version => `${programs}/php-fpm${version}`
    mkdirSync(programs)
    writeFileSync(program('8.2'), '')
    const config = JSON.parse(readFileSync(`${home}/broker.json`, 'utf8'))
    const table = JSON.parse(readFileSync(config.versionsFile, 'utf8'))
    const versionsFile = `${home}/versions.json`
    writeFileSync(versionsFile, JSON.stringify({ php: { ...table.php, present: program('{}') } }), { mode: 0o644 })
    writeFileSync(`${home}/broker.json`, JSON.stringify({ ...config, versionsFile }))
    await broker?.restart()
  })
  after(() => sites?.stop())

  /** The broker looks at what is there at its start. */
  const look = () => sites.panel.broker?.restart()

  it('can be suspended, moved away and deleted, and no other gets that version', async () => {
    const runtime = { type: 'php', version: '8.2' } as const
    const make = (domain: string) => sites.create({ domain, runtime })
    const [paused, moved, deleted] = [
      await make('paused.test'),
      await make('moved.test'),
      await make('deleted.test'),
    ] as const
    rmSync(program('8.2'))
    await look()
    const { admin } = sites
    await sites.update(moved, { runtime: 'static' })
    expect((await sites.visit('moved.test')).status).to.equal(200)
    await sites.succeeded((await admin.post(`/sites/${paused}/suspend`)).body.job.id)
    expect((await sites.visit('paused.test')).status).to.equal(503)
    await sites.succeeded((await admin.delete(`/sites/${deleted}?confirm=deleted.test`)).body.job.id)
    expect((await admin.get(`/sites/${deleted}`)).status).to.equal(404)
    const refused = await admin.post('/sites', { domain: 'late.test', runtime })
    expect(refused.status).to.equal(422)
    expect(refused.body.fields[0]).to.deep.include({ path: 'runtime.version', code: 'sites.runtime_php_missing' })
  })

  it('get no version whose program went meanwhile', async () => {
    // The panel finds it in the table; where the broker starts it, it is not.
    writeFileSync(program('7.4'), '')
    await look()
    const { body } = await sites.admin.post('/sites', { domain: 'gone.test', runtime: { type: 'php', version: '7.4' } })
    const problem = await sites.failed(body.job.id)
    expect(problem.code).to.equal('check_failed')
    expect(problem.params.output).to.contain('/usr/sbin/php-fpm7.4')
    expect((await sites.admin.get(`/sites/${body.id}`)).status).to.equal(404)
  })
})
