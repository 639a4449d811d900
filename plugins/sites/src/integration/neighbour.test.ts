import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Knex } from '@nusantara/sdk'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

const own = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

describe('another plugin', function () {
  this.timeout(60_000)
  let parent: string
  let sites: SitesPanel
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'nusa-plugins-'))
    const directory = join(parent, 'neighbour')
    await mkdir(directory)
    const manifest = {
      id: 'neighbour',
      api: '^1',
      displayName: { en: 'Neighbour' },
      dependencies: { sites: '>=0.1.0' },
      capabilities: ['http', 'jobs', 'events'],
      entry: { server: './index.js' },
    }
    const file = { name: 'neighbour', version: '1.0.0', type: 'module', nusantara: manifest }
    await writeFile(join(directory, 'package.json'), JSON.stringify(file))
    const code = new URL('../testing/neighbour.js', import.meta.url).href
    await writeFile(join(directory, 'index.js'), `export { default } from ${JSON.stringify(code)}\n`)
    sites = await SitesPanel.start({ plugins: [own, directory] })
  })
  after(async () => {
    await sites?.stop()
    await rm(parent, { recursive: true, force: true })
  })

  it('adds to the web server file of a site and to "create site"', async () => {
    const body = { domain: 'one.test', runtime: 'static' as const, extensions: { neighbour: { note: 'hello' } } }
    const { body: plan } = await sites.admin.post('/sites?dry_run=true', body)
    expect(plan.steps.map(({ name }: { name: string }) => name))
      .to.include('vhost')
      .and.satisfy((names: string[]) => names.some(name => name.includes('note')))
    await sites.create(body)
    expect((await sites.visit('one.test')).headers['x-neighbour']).to.equal('one.test')
  })

  it('has its part of the input checked under its key', async () => {
    const ask = (extensions: unknown) => sites.admin.post('/sites', { domain: 'x.test', runtime: 'static', extensions })
    const wrong = await ask({ neighbour: { note: 5 } })
    expect(wrong.status).to.equal(422)
    expect(wrong.body.fields[0].path).to.equal('extensions.neighbour.note')
    expect((await ask({ stranger: {} })).body.fields[0].path).to.equal('extensions.stranger')
  })

  it('goes on being rendered as it was when every site was applied', async () => {
    const { State } = (await import(new URL('../../../../kernel/dist/state/state.js', import.meta.url).href)) as {
      State: new () => { knex: Knex }
    }
    const kept = () => sites.panel.resolve(State).knex('plugin_contributions')
    // As if the neighbour had answered nothing when the site was made.
    await kept().delete()
    await sites.succeeded((await sites.admin.post('/sites/apply', {})).body.job.id)
    const rows: { plugin: string; value: string }[] = await kept()
    expect(rows.map(({ plugin }) => plugin)).to.deep.equal(['neighbour'])
    expect(rows[0]?.value).to.include('X-Neighbour')
  })

  it('goes on being rendered while it is disabled', async () => {
    const { body } = await sites.admin.get('/sites?q=one.test')
    const disabled = await sites.admin.post('/plugins/neighbour/disable')
    expect(disabled.status, disabled.text).to.equal(200)
    await sites.update(body.items[0].id, { uploadLimit: '2m' })
    expect((await sites.visit('one.test')).headers['x-neighbour']).to.equal('one.test')
    await sites.create({ domain: 'two.test', runtime: 'static' })
    expect((await sites.visit('two.test')).headers).to.not.have.property('x-neighbour')
  })
})
