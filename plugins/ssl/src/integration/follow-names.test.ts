import { expect } from 'chai'
import { SslPanel } from '../testing/ssl-panel.js'

interface Job {
  readonly id: string
  readonly type: string
  readonly state: string
}

describe('a certificate, when the names of its site change', function () {
  this.timeout(60_000)
  let ssl: SslPanel
  let root: string
  before(async () => {
    ssl = await SslPanel.start()
    root = await ssl.pebble.root()
  })
  after(() => ssl?.stop())

  const orders = async (id: string): Promise<Job[]> => {
    const { items } = (await ssl.admin.get(`/jobs?resource=${id}&limit=50`)).body as { items: Job[] }
    return items.filter(({ type }) => type === 'ssl.issue')
  }
  /** So many orders were made, and all of them are over. */
  const ordered = async (id: string, count: number): Promise<Job[]> => {
    for (let tries = 0; tries < 400; tries++) {
      const jobs = await orders(id)
      if (jobs.length >= count && jobs.every(({ state }) => !['queued', 'running'].includes(state))) return jobs
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    throw new Error(`not ${count} orders: ${JSON.stringify(await orders(id))}`)
  }
  const issued = async (domain: string, aliases: readonly string[] = [], body: object = {}) => {
    const id = await ssl.site(domain, { aliases })
    await ssl.change('post', `/ssl/sites/${id}/issue`, body)
    return id
  }
  const quiet = () => new Promise(resolve => setTimeout(resolve, 500))

  it('is for the new names, once', async () => {
    const id = await issued('new.example.test')
    await ssl.change('patch', `/sites/${id}`, { aliases: ['www.new.example.test', '*.new.example.test'] })
    await ordered(id, 2)
    expect((await ssl.visit('www.new.example.test', { root })).status).to.equal(200)
    const { order, secured, failure } = await ssl.standing(id)
    expect(order?.names, 'a wildcard cannot be proven so').to.deep.equal(['new.example.test', 'www.new.example.test'])
    expect([secured, failure]).to.deep.equal([['new.example.test', 'www.new.example.test'], null])
    await ssl.change('patch', `/sites/${id}`, { domain: 'renamed.example.test', aliases: ['www.renamed.example.test'] })
    await ordered(id, 3)
    expect((await ssl.visit('www.renamed.example.test', { root })).status).to.equal(200)
    await quiet()
    expect(await orders(id)).to.have.length(3)
  })

  it('is not asked for where nothing new has to be certified, nor by who chose some of the names', async () => {
    const id = await issued('less.example.test', ['www.less.example.test'])
    await ssl.change('patch', `/sites/${id}`, { aliases: [] })
    await ssl.change('patch', `/sites/${id}`, { uploadLimit: '64m' })
    const chosen = await issued('some.example.test', ['www.some.example.test'], { names: ['some.example.test'] })
    await ssl.change('patch', `/sites/${chosen}`, { aliases: ['www.some.example.test', 'm.some.example.test'] })
    const plain = await ssl.site('plain.example.test')
    await ssl.change('patch', `/sites/${plain}`, { aliases: ['www.plain.example.test'] })
    await quiet()
    for (const [each, count] of [
      [id, 1],
      [chosen, 1],
      [plain, 0],
    ] as const)
      expect(await orders(each)).to.have.length(count)
  })

  it('stays as it is when a new name fails, and that is tried once', async () => {
    const id = await issued('fails.example.test')
    const before = (await ssl.visit('fails.example.test', { root })).certificate.fingerprint256
    const { renewAt } = await ssl.standing(id)
    await ssl.pebble.resolve('not-here.fails.example.test', '127.0.0.77')
    await ssl.change('patch', `/sites/${id}`, { aliases: ['not-here.fails.example.test'] })
    await ordered(id, 2)
    await quiet()
    expect(await orders(id)).to.have.length(2)
    const after = await ssl.standing(id)
    expect(after.failure?.code).to.equal('ssl.challenge_failed')
    expect([after.renewAt, after.failures, after.order?.names]).to.deep.equal([renewAt, 0, ['fails.example.test']])
    expect((await ssl.visit('fails.example.test', { root })).certificate.fingerprint256).to.equal(before)
    await ssl.change('post', `/ssl/sites/${id}/renew`)
    expect((await ssl.standing(id)).failure).to.equal(null)
  })

  it('of changes in quick succession, the last names are certified', async () => {
    const id = await issued('quick.example.test')
    const sent = []
    for (const name of ['a', 'b', 'c'])
      sent.push(await ssl.done(ssl.admin.patch(`/sites/${id}`, { aliases: [`${name}.quick.example.test`] }), 202))
    for (const { body } of sent) await ssl.succeeded(body.job.id)
    await ordered(id, 2)
    await quiet()
    const jobs = await ordered(id, 2)
    expect(jobs.length, 'an order for each change at most').to.be.within(2, 4)
    expect(jobs.every(({ state }) => state === 'succeeded')).to.equal(true)
    const { secured, certificate } = await ssl.standing(id)
    expect(secured).to.deep.equal(['quick.example.test', 'c.quick.example.test'])
    expect(certificate?.names.toSorted()).to.deep.equal(['c.quick.example.test', 'quick.example.test'])
  })
})
