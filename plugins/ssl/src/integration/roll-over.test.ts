import { expect } from 'chai'
import { RefusingAuthority } from '../testing/refusing-authority.js'
import { SslPanel } from '../testing/ssl-panel.js'
import { stateOf } from '../testing/state.js'

describe('another key for the account at an authority', function () {
  this.timeout(60_000)
  let ssl: SslPanel
  let stub: RefusingAuthority
  before(async () => {
    ssl = await SslPanel.start()
    stub = await RefusingAuthority.before(ssl.pebble)
    const body = { id: 'stub', name: 'Stub', directoryUrl: stub.directoryUrl, caPem: stub.caPem }
    await ssl.done(ssl.admin.post('/ssl/authorities', body), 201)
  })
  after(async () => {
    await stub?.stop()
    await ssl?.stop()
  })

  const account = async (authority: string): Promise<{ account_url: string; thumbprint: string }> =>
    (await stateOf(ssl.panel))('ssl_accounts').where({ authority }).first()
  const answer = async (host: string): Promise<string> => {
    const url = `http://127.0.0.1:${ssl.panel.sites.http}/.well-known/acme-challenge/token`
    const { request } = await import('node:http')
    return new Promise((resolve, reject) => {
      request(url, { headers: { host }, agent: false }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      })
        .on('error', reject)
        .end()
    })
  }
  const rest = async () => {
    for (let tries = 0; tries < 400; tries++) {
      const { items } = (await ssl.admin.get('/jobs?limit=50')).body as { items: { state: string }[] }
      if (items.every(({ state }) => state !== 'queued' && state !== 'running')) return
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    throw new Error('jobs do not end')
  }
  const rollOver = async (authority: string) =>
    (await ssl.done(ssl.admin.post(`/ssl/authorities/${authority}/roll-over`), 202)).body.job.id as string

  it('is what every site answers with from then on, and certificates come as before', async () => {
    const secured = await ssl.site('secured.example.test')
    await ssl.change('post', `/ssl/sites/${secured}/issue`, {})
    await ssl.site('plain.example.test')
    const other = await ssl.site('other.example.test')
    await ssl.change('post', `/ssl/sites/${other}/issue`, { authority: 'stub' })
    const [before, foreign] = [await account('pebble'), await account('stub')]
    const plan = await ssl.done(ssl.admin.post('/ssl/authorities/pebble/roll-over?dry_run=true'), 200)
    expect(plan.body.steps.map((step: { summary: { params: object } }) => step.summary.params)).to.deep.equal([
      { name: 'Pebble' },
      { count: 2 },
    ])
    expect(await account('pebble')).to.deep.equal(before)
    await ssl.succeeded(await rollOver('pebble'))
    await rest()
    const after = await account('pebble')
    expect(after.account_url).to.equal(before.account_url)
    expect(after.thumbprint).to.not.equal(before.thumbprint)
    for (const host of ['secured.example.test', 'plain.example.test'])
      expect(await answer(host), host).to.equal(`token.${after.thumbprint}`)
    expect(await answer('other.example.test')).to.equal(`token.${foreign.thumbprint}`)
    await ssl.change('post', `/ssl/sites/${secured}/renew`)
    await ssl.succeeded(await rollOver('pebble'))
    await ssl.change('post', `/ssl/sites/${secured}/renew`)
  })

  it('counts although the authority’s answer was lost', async () => {
    const before = await account('stub')
    stub.lose('rollover')
    const problem = await ssl.failed(await rollOver('stub'))
    expect(problem.code).to.equal('ssl.authority_unreachable')
    expect((await account('stub')).thumbprint, 'not known to count yet').to.equal(before.thumbprint)
    stub.lose(undefined)
    await ssl.succeeded(await rollOver('stub'))
    expect(
      stub.asked.filter(line => line.includes('rollover')),
      'asked once',
    ).to.have.length(1)
    const after = await account('stub')
    expect(after.account_url).to.equal(before.account_url)
    expect(after.thumbprint).to.not.equal(before.thumbprint)
    await rest()
    const { items } = (await ssl.admin.get('/ssl')).body as { items: { siteId: string; domain: string }[] }
    const other = items.find(({ domain }) => domain === 'other.example.test')
    await ssl.change('post', `/ssl/sites/${other?.siteId}/renew`)
  })

  it('changes nothing where the authority is away or has no account, and is administrators’ alone', async () => {
    const before = await account('pebble')
    const missing = await ssl.admin.post('/ssl/authorities/letsencrypt/roll-over')
    expect([missing.status, missing.body.code]).to.deep.equal([409, 'ssl.no_account'])
    const unknown = await ssl.admin.post('/ssl/authorities/nobody/roll-over')
    expect([unknown.status, unknown.body.code]).to.deep.equal([422, 'ssl.authority_unknown'])
    expect((await ssl.panel.as('user').post('/ssl/authorities/pebble/roll-over')).status).to.equal(403)
    await ssl.pebble.down()
    expect((await ssl.failed(await rollOver('pebble'))).code).to.equal('ssl.authority_unreachable')
    expect(await account('pebble')).to.deep.equal(before)
    await ssl.pebble.up()
  })
})
