import { expect } from 'chai'
import type { CertificateOrder } from '../api.js'
import { MovedTime } from '../testing/moved-time.js'
import { RefusingAuthority } from '../testing/refusing-authority.js'
import { SslPanel } from '../testing/ssl-panel.js'
import { stateOf } from '../testing/state.js'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

interface Queued {
  readonly id: string
  readonly type: string
  readonly notBefore: string | null
}

describe('renewals, as time goes by', function () {
  this.timeout(90_000)
  let time: MovedTime
  let ssl: SslPanel
  before(async () => {
    time = new MovedTime()
    ssl = await SslPanel.start()
  })
  after(async () => {
    await ssl?.stop()
    time?.[Symbol.dispose]()
  })
  beforeEach(() => at(null))

  const signIn = async (who: 'admin' | 'user') => {
    const { username, password } = ssl.panel.people[who]
    await ssl.done(ssl.panel.as(who).post('/auth/login', { username, password }), 200)
  }
  /** To a moment, null: the real one. Sessions do not outlive the way. */
  const at = async (moment: Date | string | number | null) => {
    if (moment === null) time.right()
    else time.to(new Date(moment))
    await signIn('admin')
  }
  const ms = (text: string | null | undefined) => Date.parse(text ?? '')
  const queued = async (id: string): Promise<Queued[]> => {
    const { items } = (await ssl.admin.get(`/jobs?state=queued&resource=${id}&limit=100`)).body as { items: Queued[] }
    return items.filter(({ type }) => type === 'ssl.issue')
  }
  /** The next try is queued a moment after a failure is told. */
  const nextTry = async (id: string): Promise<Queued[]> => {
    for (let tries = 0; (await queued(id)).length === 0 && tries < 200; tries++)
      await new Promise(resolve => setTimeout(resolve, 25))
    return queued(id)
  }
  const settled = async (id: string) => {
    for (let tries = 0; tries < 800; tries++) {
      const { job } = await ssl.standing(id)
      const state = job && (await ssl.admin.get(`/jobs/${job}`)).body
      if (!state || (state.state !== 'running' && !(state.state === 'queued' && ms(state.notBefore) <= Date.now())))
        return
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    throw new Error(`the jobs of ${id} do not end`)
  }
  const look = async () => {
    await ssl.done(ssl.admin.post('/schedules/ssl/renewals/run'), 200)
    for (let tries = 0; tries < 800; tries++) {
      const { body } = await ssl.admin.get('/schedules/ssl/renewals')
      if (body.lastOutcome === 'success') return
      if (body.lastOutcome === 'failure') throw new Error(JSON.stringify(body))
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    throw new Error('the look does not end')
  }
  /** The runner's timer counted on another date; anything queued makes it look. */
  const wake = async () => {
    const other = await ssl.admin.get('/sites?limit=1')
    await ssl.done(ssl.admin.patch(`/sites/${other.body.items[0].id}`, { uploadLimit: '64m' }), 202)
  }
  /** Waits for what the look queued: of many that are overdue each has a time of its own. */
  const ripen = async (id: string) => {
    const jobs = await queued(id)
    const last = Math.max(...jobs.map(job => ms(job.notBefore)))
    if (last > Date.now() && last < Date.now() + day) {
      await at(last + 1000)
      await wake()
    }
    await settled(id)
  }
  const certificates = async (id: string) =>
    (await ssl.admin.get(`/ssl/sites/${id}/certificates`)).body.items as { id: string }[]
  const fingerprint = async (host: string) => (await ssl.visit(host)).certificate.fingerprint256
  const issues = async (domain: string) => {
    const state = await stateOf(ssl.panel)
    return (await state('ssl_events').where({ kind: 'certificate', names: JSON.stringify([domain]) })).length
  }

  it('an authority that is away for three days costs nothing but patience', async () => {
    const owner = ssl.panel.as('user')
    const id = await ssl.site('away.example.test', {}, owner)
    await ssl.change('post', `/ssl/sites/${id}/issue`, {}, owner)
    const old = await fingerprint('away.example.test')
    const due = (await ssl.standing(id)).renewAt
    await at(ms(due) - 14 * hour)
    await look()
    expect(await queued(id), 'left to the next look').to.deep.equal([])
    await at(ms(due) - 6 * hour)
    await look()
    await look()
    expect((await queued(id)).map(job => job.notBefore)).to.deep.equal([due])
    await ssl.pebble.down()
    await at(ms(due) + 1000)
    const waits: number[] = []
    await wake()
    for (let failures = 1; Date.now() < ms(due) + 3 * day; failures++) {
      await settled(id)
      const standing = await ssl.standing(id)
      expect([standing.failures, standing.failure?.code]).to.deep.equal([failures, 'ssl.authority_unreachable'])
      expect(await fingerprint('away.example.test')).to.equal(old)
      waits.push((ms(standing.renewAt) - ms(standing.failure?.at)) / minute)
      if (waits.length > 3) {
        expect(await queued(id), 'a day is for the looks').to.deep.equal([])
        await at(ms(standing.renewAt) - 10 * hour)
        await look()
      }
      const jobs = await nextTry(id)
      expect(jobs.map(job => job.notBefore)).to.deep.equal([standing.renewAt])
      await at(ms(standing.renewAt) + 1000)
      await wake()
    }
    for (const [index, expected] of [1, 10, 100, 1440, 1440].entries())
      expect(waits[index], `wait ${index + 1}`).to.be.within(expected * 0.9, expected * 1.1)
    await settled(id)
    const codes = async (who: 'admin' | 'user') => {
      await signIn(who)
      const { items } = (await ssl.panel.as(who).get('/notifications')).body as {
        items: { code: string; params: { failures: number; domain: string }; link: string }[]
      }
      return items.filter(({ code }) => code === 'notification.ssl.renewal_failing')
    }
    for (const who of ['admin', 'user'] as const) {
      const told = await codes(who)
      expect(told, `${who} is told once`).to.have.length(1)
      expect(told[0]?.params).to.include({ failures: 3, domain: 'away.example.test' })
      expect(told[0]?.link).to.equal(`/sites/${id}`)
    }
    await ssl.pebble.up()
    const last = await ssl.standing(id)
    await at(ms(last.renewAt) - hour)
    await look()
    await at(ms(last.renewAt) + 1000)
    await wake()
    await settled(id)
    const after = await ssl.standing(id)
    expect(after).to.include({ failures: 0, failure: null, job: null })
    expect(await fingerprint('away.example.test')).to.not.equal(old)
    expect(await queued(id)).to.deep.equal([])
  })

  it('waits as long as the authority says', async () => {
    const stub = await RefusingAuthority.before(ssl.pebble)
    try {
      const body = { id: 'limited', name: 'Limited', directoryUrl: stub.directoryUrl, caPem: stub.caPem }
      await ssl.done(ssl.admin.post('/ssl/authorities', body), 201)
      const id = await ssl.site('limited.example.test')
      await ssl.change('post', `/ssl/sites/${id}/issue`, { authority: 'limited' })
      await at((await ssl.standing(id)).renewAt)
      stub.refuse({
        status: 429,
        body: { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many' },
        headers: { 'retry-after': '7200' },
      })
      await look()
      await ripen(id)
      const { failure, renewAt } = await ssl.standing(id)
      expect(failure?.code).to.equal('ssl.rate_limited')
      expect((ms(renewAt) - ms(failure?.at)) / hour).to.be.within(1.99, 2.01)
      expect((await nextTry(id)).map(job => job.notBefore)).to.deep.equal([renewAt])
      stub.refuse(undefined)
      await at(ms(renewAt) + 1000)
      await wake()
      await settled(id)
      expect(await ssl.standing(id)).to.include({ failures: 0, failure: null })
    } finally {
      await stub.stop()
    }
  })

  it('renews when the authority advises it, and says which one it replaces', async () => {
    const stub = await RefusingAuthority.before(ssl.pebble)
    try {
      const body = { id: 'advising', name: 'Advising', directoryUrl: stub.directoryUrl, caPem: stub.caPem }
      await ssl.done(ssl.admin.post('/ssl/authorities', body), 201)
      const window = (from: number, to: number) => ({
        start: new Date(Date.now() + from).toISOString(),
        end: new Date(Date.now() + to).toISOString(),
      })
      const suggestedWindow = window(30 * day, 31 * day)
      const explanationURL = 'https://ca.example.test/why'
      stub.advise({ suggestedWindow, explanationURL }, { 'retry-after': '21600' })
      const id = await ssl.site('advised.example.test')
      await ssl.change('post', `/ssl/sites/${id}/issue`, { authority: 'advising' })
      await look()
      const advised = await ssl.standing(id)
      expect(ms(advised.renewAt)).to.be.within(ms(suggestedWindow.start), ms(suggestedWindow.end))
      expect(advised.renewalReason).to.equal(explanationURL)
      expect(stub.advised).to.have.length(1)
      await at(Date.now() + 5 * hour)
      await look()
      expect(stub.advised, 'not asked again before it said').to.have.length(1)
      expect((await ssl.standing(id)).renewAt, 'drawn once').to.equal(advised.renewAt)
      stub.advise({ suggestedWindow: window(-2 * day, -day) })
      await at(Date.now() + 2 * hour)
      await look()
      await ripen(id)
      expect(stub.advised).to.have.length(2)
      const { certificate, failure } = await ssl.standing(id)
      expect(failure).to.equal(null)
      expect(certificate?.id).to.not.equal(advised.certificate?.id)
      const [first, second] = stub.orders
      expect(first).to.not.have.property('replaces')
      expect(second?.replaces).to.equal(stub.advised[0])
    } finally {
      await stub.stop()
    }
  })

  it('a clock that jumps ahead and back renews once, and loses nothing', async () => {
    const id = await ssl.site('clock.example.test')
    await ssl.change('post', `/ssl/sites/${id}/issue`)
    // Pebble's certificates last for five years.
    const ahead = Date.now() + 4 * 365 * day
    await at(ahead)
    await look()
    await ripen(id)
    expect(await issues('clock.example.test'), 'four years on it is due').to.equal(2)
    await at(null)
    await look()
    expect(await queued(id)).to.deep.equal([])
    const back = await ssl.standing(id)
    expect(ms(back.renewAt)).to.be.within(Date.now(), ms(back.certificate?.notAfter))
    // It fails while the clock is wrong, and the next try is queued for a time that is decades away.
    await ssl.pebble.down()
    await at(ahead)
    await look()
    await ripen(id)
    const [lost] = await nextTry(id)
    expect(ms(lost?.notBefore)).to.be.greaterThan(ahead)
    await ssl.pebble.up()
    await at(null)
    await look()
    const due = (await ssl.standing(id)).renewAt
    expect(ms(due)).to.be.within(Date.now(), ms(back.certificate?.notAfter))
    await at(ms(due) - hour)
    await look()
    expect((await queued(id)).map(job => job.notBefore).toSorted()).to.deep.equal([due, lost?.notBefore].toSorted())
    await at(ms(due) + 1000)
    await wake()
    await settled(id)
    const renewed = (await ssl.standing(id)).certificate
    expect(renewed?.id).to.not.equal(back.certificate?.id)
    await at(ms(lost?.notBefore) + 1000)
    await wake()
    const job = await ssl.panel.waitForJob(lost?.id ?? '')
    expect(job.state).to.equal('succeeded')
    expect((await ssl.admin.get(`/jobs/${lost?.id}/log`)).text).to.include('nothing to do')
    expect((await ssl.standing(id)).certificate?.id, 'the late one does nothing').to.equal(renewed?.id)
    expect(await issues('clock.example.test')).to.equal(3)
  })

  it('a renewal that waits does nothing once somebody decided otherwise', async () => {
    const id = await ssl.site('decided.example.test')
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    const due = (await ssl.standing(id)).renewAt
    await at(ms(due) - hour)
    await look()
    const [waiting] = await queued(id)
    await ssl.change('patch', `/ssl/sites/${id}`, { hsts: 300 })
    await look()
    expect(await queued(id), 'a change of the policy hides the first').to.have.length(2)
    await ssl.change('delete', `/ssl/sites/${id}`)
    await at(ms(due) + 1000)
    await wake()
    await ssl.succeeded(waiting?.id ?? '')
    expect(await ssl.standing(id)).to.include({ certificate: null, order: null })
    expect(await certificates(id)).to.have.length(1)
  })

  it('a renewal that somebody called off is queued again by the next look', async () => {
    const id = await ssl.site('off.example.test')
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    const due = (await ssl.standing(id)).renewAt
    await at(ms(due) - 6 * hour)
    await look()
    const [first] = await queued(id)
    await ssl.admin.post(`/jobs/${first?.id}/cancel`)
    expect((await ssl.panel.waitForJob(first?.id ?? '')).state).to.equal('cancelled')
    await look()
    const [second] = await queued(id)
    expect([second?.id === first?.id, second?.notBefore]).to.deep.equal([false, due])
  })

  /** A minute before its renewal, which is queued by then. */
  const beforeRenewal = async (id: string) => {
    await at(ms((await ssl.standing(id)).renewAt) - minute)
    await look()
    const [job] = await queued(id)
    return job?.id ?? ''
  }

  it('a site that was renamed while its renewal waits is renewed as what it is called by then', async () => {
    const id = await ssl.site('renamed.example.test', { aliases: ['www.renamed.example.test'] })
    // Not for all of its names, so that no certificate follows them by itself.
    await ssl.change('post', `/ssl/sites/${id}/issue`, { names: ['renamed.example.test'] })
    const job = await beforeRenewal(id)
    await ssl.change('patch', `/sites/${id}`, { domain: 'newly.example.test', aliases: ['www.newly.example.test'] })
    await at(Date.now() + 2 * minute)
    await wake()
    await ssl.succeeded(job)
    const { certificate, order, secured } = await ssl.standing(id)
    expect(certificate?.names).to.deep.equal(['newly.example.test'])
    expect([order?.names, secured]).to.deep.equal([['newly.example.test'], ['newly.example.test']])
  })

  it('a site that is gone by the time of its renewal leaves nothing behind', async () => {
    const id = await issued('gone.example.test')
    const job = await beforeRenewal(id)
    await ssl.change('delete', `/sites/${id}?confirm=gone.example.test`)
    await at(Date.now() + 2 * minute)
    await wake()
    expect((await ssl.failed(job)).code).to.equal('ssl.site_not_found')
    const state = await stateOf(ssl.panel)
    expect(await state('ssl_sites').where({ site_id: id })).to.have.length(0)
  })

  it('a look that was missed is made up for at once, and tells what ends', async () => {
    const id = await ssl.site('missed.example.test')
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    const { certificate } = await ssl.standing(id)
    await ssl.panel.restart()
    time.to(new Date(ms(certificate?.notAfter) - hour))
    await ssl.panel.restart()
    await signIn('admin')
    for (let tries = 0; (await ssl.standing(id)).job === null && tries < 400; tries++)
      await new Promise(resolve => setTimeout(resolve, 50))
    await ripen(id)
    expect((await ssl.standing(id)).certificate?.id).to.not.equal(certificate?.id)
    const { items } = (await ssl.admin.get('/notifications?limit=100')).body as {
      items: { code: string; severity: string; params: { domain: string } }[]
    }
    const told = items.filter(({ code, params }) => code.endsWith('ending') && params.domain === 'missed.example.test')
    // As an administrator, and as a member of the account.
    expect(told.map(({ severity }) => severity)).to.deep.equal(['critical', 'critical'])
  })

  it('certificates of one day are renewed over many, and those of a long downtime one after the other', async () => {
    const { certificate } = await ssl.standing(await issued('model.example.test'))
    const order: CertificateOrder = {
      authority: 'pebble',
      names: [],
      keyType: 'ec256',
      challenge: 'http-01',
    }
    const real = await Promise.all(Array.from({ length: 40 }, (_, index) => ssl.site(`n${index}.many.example.test`)))
    // Of sites that there are not: only how they stand is looked at.
    const ids = [...real, ...Array.from({ length: 160 }, (_, index) => `many-${index}`)]
    const state = await stateOf(ssl.panel)
    const model = await state('ssl_certificates')
      .where({ id: certificate?.id ?? '' })
      .first()
    const [from, until] = [ms(certificate?.notBefore), ms(certificate?.notAfter)]
    const named = [
      ...ids.map((id, index) => ({ id, name: `n${index}.many.example.test` })),
      ...Array.from({ length: 800 }, (_, index) => ({ id: `none-${index}`, name: `none${index}.example.test` })),
    ]
    await state.transaction(async trx => {
      for (const { id, name } of named) {
        await trx('ssl_certificates').insert({ ...model, id: `c-${id}`, site_id: id, names: JSON.stringify([name]) })
        const standing = { certificate_id: `c-${id}`, order: JSON.stringify({ ...order, names: [name] }) }
        await trx('ssl_sites').insert({ site_id: id, policy: '{}', updated_at: '', ...standing })
      }
    })
    const cpu = process.cpuUsage()
    const started = performance.now()
    await look()
    const { user, system } = process.cpuUsage(cpu)
    console.log(
      `        first look at 1,000 certificates: ${Math.round((user + system) / 1000)} ms of CPU, ${Math.round(performance.now() - started)} ms`,
    )
    expect((user + system) / 1_000_000, 'seconds of CPU').to.be.below(5)
    const rows: { renew_at: string }[] = await state('ssl_sites').whereIn('site_id', ids)
    const times = rows.map(row => row.renew_at)
    const shares = times.map(each => (ms(each) - from) / (until - from))
    expect(Math.min(...shares)).to.be.within(0.615, 0.63)
    expect(Math.max(...shares)).to.be.within(0.65, 0.667)
    const perDay = new Map<string, number>()
    for (const each of times) perDay.set(each.slice(0, 10), (perDay.get(each.slice(0, 10)) ?? 0) + 1)
    expect(Math.max(...perDay.values()), 'most on one day').to.be.below(20)
    const again = process.cpuUsage()
    await look()
    const next = process.cpuUsage(again)
    console.log(`        the next look: ${Math.round((next.user + next.system) / 1000)} ms of CPU`)
    await state('ssl_sites').where('site_id', 'like', 'none-%').orWhere('site_id', 'like', 'many-%').delete()
    await ssl.pebble.down()
    await at(until - 30 * day)
    await look()
    const waiting: { not_before: string }[] = await state('jobs')
      .where({ type: 'ssl.issue' })
      .whereIn('resource_id', real)
      .orderBy('not_before')
    const notBefore = waiting.map(row => ms(row.not_before))
    expect(notBefore).to.have.length(40)
    const gaps = notBefore.slice(1).map((each, index) => each - (notBefore[index] ?? 0))
    expect(Math.min(...gaps) / 1000).to.be.within(25, 35)
    console.log(
      `        40 that are overdue: over ${Math.round(((notBefore.at(-1) ?? 0) - (notBefore[0] ?? 0)) / minute)} minutes`,
    )
    await ssl.pebble.up()
  })

  async function issued(domain: string): Promise<string> {
    const id = await ssl.site(domain)
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    return id
  }
})
