import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import { SitesPanel } from '../testing/sites-panel.js'

describe('applying every site again', function () {
  this.timeout(60_000)
  let sites: SitesPanel
  const files: string[] = []

  before(async () => {
    sites = await SitesPanel.start()
    for (const domain of ['one.test', 'two.test', 'three.test']) {
      const id = await sites.create({ domain, runtime: domain === 'three.test' ? 'php' : 'static' })
      const { body } = await sites.admin.get(`/sites/${id}`)
      files.push(`${sites.panel.home}/etc/nginx/nusantara.d/${body.tenant}.conf`)
    }
  })
  after(() => sites.stop())

  const apply = async (body: object) => {
    const answer = await sites.admin.post('/sites/apply', body)
    expect(answer.status, answer.text).to.equal(202)
    return answer.body.job.id as string
  }

  it('changes nothing where everything is as it should be', async () => {
    const before = await Promise.all(files.map(file => readFile(file, 'utf8')))
    await sites.succeeded(await apply({}))
    expect(await Promise.all(files.map(file => readFile(file, 'utf8')))).to.deep.equal(before)
  })

  it('keeps hand edits and names the sites, unless told to discard them', async () => {
    const before = await Promise.all(files.map(file => readFile(file, 'utf8')))
    const edited = files.slice(0, 2)
    for (const [index, file] of edited.entries()) await writeFile(file, `${before[index]}# by hand\n`)
    const problem = await sites.failed(await apply({}))
    expect(problem.code).to.equal('sites.apply_incomplete')
    expect(problem.params).to.include({ count: 2 })
    expect(await readFile(edited[0] as string, 'utf8')).to.include('# by hand')

    await sites.succeeded(await apply({ discardEdits: true }))
    for (const file of edited) expect(await readFile(file, 'utf8')).to.not.include('# by hand')
    for (const domain of ['one.test', 'two.test', 'three.test'])
      expect((await sites.visit(domain)).status).to.equal(200)
  })

  it('is planned as one sentence, and is for administrators', async () => {
    const { status, body } = await sites.admin.post('/sites/apply?dry_run=true', {})
    expect(status).to.equal(200)
    expect(body.steps).to.have.length(1)
    expect((await sites.panel.as('user').post('/sites/apply', {})).status).to.equal(403)
  })
})
