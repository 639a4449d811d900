import { defineJob, defineProblem, Joi, newId, object, reveal } from '@nusantara/sdk'
import { expect } from 'chai'
import { HttpFixture, type SignedIn } from '../http/http-fixture.js'
import { Catalogues } from '../i18n/catalogues.js'
import { until } from './engine.fixture.js'
import { Jobs } from './jobs.js'
import { JobRoutes } from './jobs.routes.js'
import { Schedules } from './schedules.js'
import { ScheduleRoutes } from './schedules.routes.js'

interface Input {
  readonly name: string
}
const Refused = defineProblem<{ name: string }>('plan_outdated', 409)
const definition = defineJob<Input, { fail: boolean }>({
  type: 'demo.make',
  version: 1,
  input: object<Input>({ name: Joi.string().required() }),
}).step('one', {
  onCrash: 'replay',
  async run({ log, deps, input }) {
    log('made it')
    if (deps.fail) throw Refused({ name: input.name })
    return { password: reveal('hunter2 hunter2') }
  },
})

describe('jobs routes', () => {
  let server: HttpFixture
  let owner: SignedIn
  let stranger: SignedIn
  const deps = { fail: false }
  const jobs = () => server.container.resolve(Jobs)
  const json = async (path: string, as: SignedIn, method: 'GET' | 'POST' = 'GET') => {
    const answer = await server.ask(`/api/v1${path}`, { as, method })
    return { status: answer.status, body: answer.json as Record<string, unknown> }
  }
  const finish = async (state: string, path: string) => {
    await until(async () => (await json(path, owner)).body.state === state)
    return (await json(path, owner)).body as Record<string, unknown>
  }
  const make = async () => {
    const answer = await server.ask('/api/v1/demo-jobs', { as: owner, method: 'POST', body: { name: 'x' } })
    expect(answer.status).to.equal(202)
    const { job } = answer.json as { job: { id: string; href: string } }
    expect(answer.headers.location).to.equal(`/api/v1/jobs/${job.id}`)
    return `/jobs/${job.id}`
  }

  before(async () => {
    server = await HttpFixture.start()
    for (const area of [JobRoutes, ScheduleRoutes]) {
      server.container.resolve<{ register(registry: typeof server.registry): void }>(area).register(server.registry)
    }
    server.registry.add('kernel', {
      operation: 'demo.make',
      method: 'POST',
      path: '/demo-jobs',
      permission: 'jobs:write',
      summary: 'Make',
      body: object<Input>({ name: Joi.string().required() }),
      change: true,
      audit: false,
      handler: request => jobs().submit('demo', definition, request.body, { request }),
    })
    jobs().define('demo', definition, deps)
    await jobs().start()
    const all = ['jobs:read', 'jobs:write']
    owner = await server.signIn(all)
    stranger = await server.signIn(all)
  })
  after(async () => {
    await jobs().stop()
    await server.stop()
  })

  it('a submission is a job that can be followed, and its secret read once', async () => {
    deps.fail = false
    const path = await make()
    const job = await finish('succeeded', path)
    expect(job).to.deep.include({ type: 'demo.make', owner: 'demo', cancelRequested: false, problem: null })
    expect(job.steps).to.have.length(1)
    expect(JSON.stringify(job)).not.to.contain('hunter2')
    const log = await json(`${path}/log?after=0`, owner)
    expect((log.body.items as { line: string }[]).map(item => item.line)).to.deep.equal(['made it'])
    expect((await json(`${path}/log?after=1`, owner)).body.items).to.deep.equal([])
    const secret = await json(`${path}/reveal`, owner, 'POST')
    expect(secret.body).to.deep.equal({ values: { 'one.password': 'hunter2 hunter2' } })
    const again = await json(`${path}/reveal`, owner, 'POST')
    expect([again.status, again.body.code]).to.deep.equal([410, 'reveal_gone'])
    const cancel = await json(`${path}/cancel`, owner, 'POST')
    expect([cancel.status, cancel.body.code]).to.deep.equal([409, 'job_not_cancellable'])
  })

  it('a failed job says why and what to do, and can be tried again', async () => {
    deps.fail = true
    const path = await make()
    const job = await finish('failed', path)
    expect(job.problem).to.include({ code: 'plan_outdated' })
    expect((job.problem as { remedy: string }).remedy).to.contain('new plan')
    deps.fail = false
    expect((await json(`${path}/retry`, owner, 'POST')).status).to.equal(202)
    await finish('succeeded', path)
    expect((await json(`${path}/retry`, owner, 'POST')).body.code).to.equal('job_not_retryable')
    const actions = (await server.audited()).map(entry => entry.action)
    expect(actions).to.include.members(['demo.make', 'jobs.finished', 'jobs.retry', 'jobs.reveal'])
  })

  it('a dry run answers with a plan and queues nothing', async () => {
    const before = (await json('/jobs', owner)).body.items as unknown[]
    const answer = await server.ask('/api/v1/demo-jobs?dry_run=true', {
      as: owner,
      method: 'POST',
      body: { name: 'x' },
    })
    expect(answer.status).to.equal(200)
    expect((answer.json as { hash: string }).hash).to.match(/^[0-9a-f]{64}$/)
    expect((await json('/jobs', owner)).body.items).to.have.length(before.length)
    const outdated = await server.ask('/api/v1/demo-jobs', {
      as: owner,
      method: 'POST',
      body: { name: 'x' },
      headers: { 'Plan-Hash': 'f'.repeat(64) },
    })
    expect([outdated.status, (outdated.json as { code: string }).code]).to.deep.equal([409, 'plan_outdated'])
  })

  it('pages, filters, and answers a stranger as if there were nothing', async () => {
    const path = await make()
    await finish('succeeded', path)
    const first = await json('/jobs?limit=1&state=succeeded&type=demo.make', owner)
    expect(first.body.items).to.have.length(1)
    const second = await json(`/jobs?limit=1&cursor=${first.body.nextCursor}`, owner)
    expect((second.body.items as { id: string }[])[0]?.id).not.to.equal((first.body.items as { id: string }[])[0]?.id)
    const found = async (query: string) => ((await json(`/jobs?${query}`, owner)).body.items as unknown[]).length
    const all = await found('limit=200')
    expect(all).to.be.above(0)
    for (const query of ['type=demo', 'q=DEMO.make', 'mine=true', `q=${path.slice('/jobs/'.length)}`])
      expect(await found(`limit=200&${query}`), query).to.equal(query.startsWith('q=0') ? 1 : all)
    for (const query of ['type=dem', 'q=%25', 'q=nothing', 'type=demo.make.more'])
      expect(await found(query), query).to.equal(0)
    expect((await json('/jobs?mine=perhaps', owner)).status).to.equal(422)
    expect((await json('/jobs', stranger)).body.items).to.deep.equal([])
    for (const [sub, method] of [
      ['', 'GET'],
      ['/log', 'GET'],
      ['/cancel', 'POST'],
      ['/retry', 'POST'],
      ['/reveal', 'POST'],
    ] as const) {
      expect((await json(`${path}${sub}`, stranger, method)).status, sub).to.equal(404)
    }
    const topic = path.replace('/jobs/', 'job:')
    const refused = await server.ask(`/api/v1/events?topics=${topic}`, { as: stranger })
    expect(refused.status).to.equal(403)
  })

  it('shows schedules of one’s resources and those that a permission shows, with the problem of the last run', async () => {
    const { state, container } = server
    const at = new Date().toISOString()
    const [account, other, site] = [newId(), newId(), newId()]
    for (const id of [account, other]) await state.knex('accounts').insert({ id, name: id, created_at: at })
    await state.knex('resources').insert({ id: site, type: 'site', account_id: account, created_at: at })
    const member = await server.signIn(['jobs:read'], 'full', [account])
    const permitted = await server.signIn(['jobs:read', 'jobs:write'], 'full', [other])
    const schedules = container.resolve(Schedules)
    container.resolve(Catalogues).add('demo', 'en', { 'schedule.demo.nightly': 'Copy everything' })
    const fail = () => Promise.reject(Refused({ name: 'disk' }))
    const rule = { cron: '0 3 * * *', missed: 'skip' as const, run: fail }
    const ends = [
      schedules.add('demo', { ...rule, name: 'site', resourceId: site, title: { code: 'demo.title' } }),
      schedules.add('demo', { ...rule, name: 'nightly', permission: 'jobs:write' }),
      schedules.add('demo', { ...rule, name: 'hidden' }),
    ]
    await schedules.start()
    const problem = JSON.stringify({ code: 'plan_outdated', params: { type: 'x' } })
    await state.knex('schedules').where({ name: 'site' }).update({ last_outcome: 'failure', last_problem: problem })
    const shown = async (as: SignedIn) =>
      ((await json('/schedules', as)).body.items as { name: string; title: string }[]).map(one => [one.name, one.title])
    expect(await shown(member)).to.deep.equal([['site', 'demo.title']])
    expect(await shown(permitted)).to.deep.equal([['nightly', 'Copy everything']])
    expect(await shown(stranger)).to.deep.equal([['nightly', 'Copy everything']])
    const { body } = await json('/schedules/demo/site', member)
    const last = body.lastProblem as { code: string; remedy: string }
    expect([body.resourceId, last.code, last.remedy]).to.deep.equal([
      site,
      'plan_outdated',
      'Look at the new plan and confirm it.',
    ])
    const run = async (as: SignedIn, name: string) => {
      const answer = await json(`/schedules/demo/${name}/run`, as, 'POST')
      return [answer.status, answer.body.code]
    }
    expect(await run(member, 'site')).to.deep.equal([403, 'forbidden'])
    const runner = await server.signIn(['jobs:read', 'jobs:write', 'schedules:write'], 'full', [account])
    expect(await run(runner, 'hidden')).to.deep.equal([404, 'schedule_not_found'])
    expect((await run(runner, 'site'))[0]).to.equal(200)
    await until(async () => (await json('/schedules/demo/site', runner)).body.lastOutcome === 'failure')
    for (const name of ['site', 'hidden', 'absent']) {
      const refused = await json(`/schedules/demo/${name}`, permitted)
      expect([refused.status, refused.body.code]).to.deep.equal([404, 'schedule_not_found'])
    }
    await schedules.stop()
    for (const end of ends) end()
  })
})
