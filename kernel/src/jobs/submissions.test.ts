import { defineExtension, defineJob, Joi, object, type PlannedFile, reveal, type Schema } from '@nusantara/sdk'
import { expect } from 'chai'
import { Access } from '../rbac/access.js'
import { accept, addUser, cli, describeEngine, type Engine, FakeTime, refusal, until } from './engine.fixture.js'
import { JobQueries } from './job-queries.js'
import { Reveals } from './reveals.js'

interface Input {
  readonly domain: string
  readonly tenant: string
  readonly password?: string
  readonly extensions?: Record<string, unknown>
}
const schema: Schema<Input> = object<Input>({
  domain: Joi.string().required(),
  tenant: Joi.string().required(),
  password: Joi.string(),
  extensions: Joi.object().unknown(),
})
const extra = defineExtension<never>('demo.create')

/** What the plan finds on disk. */
const disk = { before: 'aaaa' }
const create = defineJob<Input, string[]>({ type: 'demo.create', version: 1, input: schema, secrets: ['password'] })
  .step('file', {
    onCrash: 'replay',
    async plan({ input }) {
      const content = `+server ${input.domain} in ${input.tenant}`
      const file: PlannedFile = {
        path: `/etc/demo/${input.tenant}.conf`,
        action: 'create',
        diff: content,
        before: disk.before,
        after: Buffer.from(content).toString('hex'),
      }
      return { summary: { code: 'demo.file', params: { tenant: input.tenant } }, files: [file] }
    },
    run: async ({ deps }) => void deps.push('file'),
  })
  .extend(extra)
  .step('end', { onCrash: 'replay', run: async ({ deps }) => void deps.push('end') })

describeEngine('job submissions', engines => {
  let engine: Engine
  const deps: string[] = []
  let tenants = 0
  const options = (request: Record<string, unknown> = {}) => {
    const tenant = `s${String(++tenants).padStart(10, 'a')}`
    return {
      input: { domain: 'example.test', tenant },
      options: { request: { actor: cli, operation: 'demo.create', dryRun: false, ...request }, generated: { tenant } },
    }
  }
  const submit = (request: Record<string, unknown> = {}, more: Partial<Input> = {}) => {
    const made = options(request)
    return engine.jobs.submit('demo', create, { ...made.input, ...more }, made.options as never)
  }
  const planned = async (more: Partial<Input> = {}) => {
    const submission = await submit({ dryRun: true }, more)
    if (submission.kind !== 'planned') throw new Error('no plan')
    return submission.plan
  }
  const job = async (request: Record<string, unknown> = {}, more: Partial<Input> = {}) => {
    const submission = await submit(request, more)
    if (submission.kind !== 'accepted') throw new Error('no job')
    return submission.job.id
  }

  beforeEach(async () => {
    deps.length = 0
    disk.before = 'aaaa'
    engine = await engines.engine()
    engine.jobs.define('demo', create, deps)
  })

  it('answers a dry run with the same hash although generated values differ, and writes nothing', async () => {
    const [first, second] = [await planned(), await planned()]
    expect(first.hash).to.equal(second.hash)
    expect(first.files[0]?.path).not.to.equal(second.files[0]?.path)
    expect(first.steps.map(step => step.name)).to.deep.equal(['file', 'end'])
    expect((await planned({ domain: 'other.test' })).hash).not.to.equal(first.hash)
    expect((await planned({ password: 'correct horse' })).hash).to.equal(first.hash)
    disk.before = 'bbbb'
    expect((await planned()).hash).not.to.equal(first.hash)
    expect(await engine.state.knex('jobs').select()).to.have.length(0)
    expect(await engine.state.knex('audit_entries').select()).to.have.length(0)
  })

  it('applies exactly the plan that was shown: checked when accepted and again when it runs', async () => {
    const { hash } = await planned()
    const good = await job({ planHash: hash })
    const late = await job({ planHash: hash })
    disk.before = 'bbbb'
    expect(await refusal(job({ planHash: hash }))).to.equal('plan_outdated')
    disk.before = 'aaaa'
    await engine.state.knex('jobs').where({ id: late }).update({ not_before: '2999-01-01T00:00:00.000Z' })
    await engine.jobs.start()
    expect((await engine.settled(good)).state).to.equal('succeeded')
    disk.before = 'cccc'
    deps.length = 0
    await engine.state.knex('jobs').where({ id: late }).update({ not_before: null })
    engine.runner.wake()
    const row = await engine.settled(late)
    expect([row.state, JSON.parse(row.problem ?? '').code]).to.deep.equal(['failed', 'plan_outdated'])
    expect(deps).to.deep.equal([])
  })

  it('answers a repeated idempotency key with the same job, and another input with a conflict', async () => {
    const key = { idempotencyKey: 'once' }
    const first = await job(key)
    expect(await job(key)).to.equal(first)
    expect(await refusal(job(key, { domain: 'other.test' }))).to.equal('idempotency_conflict')
    expect(await refusal(job(key, { password: 'correct horse' }))).to.equal('idempotency_conflict')
    const actor = await addUser(engine.state, 'siti')
    expect(await job({ ...key, actor })).not.to.equal(first)
    const many = await Promise.all(Array.from({ length: 8 }, () => job({ idempotencyKey: 'many' })))
    expect(new Set(many).size).to.equal(1)
  })

  it('runs the steps of extensions in their place, with their own input, and waits while they are away', async () => {
    const seen: unknown[] = []
    const extension = {
      key: 'tls',
      schema: object<{ issuer: string }>({ issuer: Joi.string().required() }) as Schema<unknown>,
      steps: [
        {
          name: 'order',
          definition: {
            onCrash: 'replay' as const,
            run: async (context: { input: unknown; deps: unknown }) => void seen.push([context.input, context.deps]),
          },
        },
      ],
    }
    const dispose = engine.extensions.add('tls', extra, extension as never)
    expect(await refusal(job({}, { extensions: { tls: { issuer: 7 } } }))).to.equal('invalid_input')
    expect(await refusal(job({}, { extensions: { other: {} } }))).to.equal('invalid_input')
    const plan = await planned({ extensions: { tls: { issuer: 'x' } } })
    expect(plan.steps.map(step => step.name)).to.deep.equal(['file', 'tls.order', 'end'])
    const id = await job({}, { extensions: { tls: { issuer: 'x' } } })
    const plain = await job()
    dispose()
    await engine.jobs.start()
    expect((await engine.settled(plain)).state).to.equal('succeeded')
    await until(async () => (await engine.job(id)).state === 'queued')
    expect(seen).to.deep.equal([])
    engine.extensions.add('tls', extra, extension as never)
    expect((await engine.settled(id)).state).to.equal('succeeded')
    expect(seen[0]).to.have.nested.property('[0].issuer', 'x')
    expect(seen[0]).to.have.nested.property('[1].domain', 'example.test')
  })

  it('lets nobody use an extension whose permission they do not hold', async () => {
    const access = engine.container.resolve(Access)
    access.define('tls', { 'tls:write': {} })
    const schema = object<{ issuer: string }>({ issuer: Joi.string().required() }) as Schema<unknown>
    engine.extensions.add('tls', extra, { key: 'tls', schema, permission: 'tls:write', steps: [] })
    const body = { extensions: { tls: { issuer: 'x' } } }
    const actor = await addUser(engine.state, 'siti')
    expect(await refusal(job({ actor }, body))).to.equal('forbidden')
    expect(await refusal(job({ actor, dryRun: true }, body))).to.equal('forbidden')
    expect(await job({ actor })).to.be.a('string')
    const id = await job({ actor: { ...actor, permissions: new Set(['tls:write']) } }, body)
    // When the job runs, the actor holds no longer what the extension asks for.
    await engine.jobs.start()
    const { state, problem } = await engine.settled(id)
    expect([state, JSON.parse(problem ?? '').code]).to.deep.equal(['failed', 'forbidden'])
  })

  it('shows a job to its account and its actor, and to nobody else', async () => {
    const mine = await addUser(engine.state, 'siti')
    const other = await addUser(engine.state, 'budi')
    const id = await job({ actor: mine })
    const queries = engine.container.resolve(JobQueries)
    expect((await queries.get(mine, id)).id).to.equal(id)
    expect(await refusal(queries.get(other, id))).to.equal('job_not_found')
    expect((await queries.get(cli, id)).id).to.equal(id)
    expect((await queries.list(other, {}, { limit: 10 })).items).to.deep.equal([])
    const page = await queries.list(cli, { state: 'queued' }, { limit: 10 })
    expect(page.items.map(row => row.id)).to.deep.equal([id])
  })
})

describeEngine('sealed results', engines => {
  const seals = defineJob<{ name: string }>({
    type: 'demo.seal',
    version: 1,
    input: object<{ name: string }>({ name: Joi.string().required() }),
  })
    .step('make', { onCrash: 'replay', run: async () => ({ user: 'x', password: reveal('hunter2 hunter2') }) })
    .step('use', {
      onCrash: 'replay',
      async run({ done, log }) {
        const { password } = (done as { make: { password: { $reveal: string } } }).make
        log(`using ${password.$reveal}`)
      },
    })

  it('are read once, by who submitted, within ten minutes', async () => {
    const time = new FakeTime('2026-03-01T10:00:00.000Z')
    const engine = await engines.engine({ clock: time })
    engine.jobs.define('demo', seals, undefined)
    await engine.jobs.start()
    const actor = await addUser(engine.state, 'siti')
    const submit = () => accept(engine, seals, { name: 'x' }, { request: { actor } })
    const row = await engine.settled(await submit())
    const reveals = engine.container.resolve(Reveals)
    for (const table of ['jobs', 'job_steps', 'job_log', 'audit_entries']) {
      expect(JSON.stringify(await engine.state.knex(table).select()), table).not.to.contain('hunter2')
    }
    expect(await engine.log(row.id)).to.deep.equal(['using •••'])
    expect(await refusal(reveals.read(row, cli))).to.equal('reveal_forbidden')
    const reads = await Promise.allSettled([reveals.read(row, actor), reveals.read(row, actor)])
    const values = reads.flatMap(read => (read.status === 'fulfilled' ? [read.value] : []))
    expect(values).to.deep.equal([{ 'make.password': 'hunter2 hunter2' }])
    expect(JSON.stringify(await engine.steps(row.id))).to.contain('"$sealed\\":null')

    const late = await engine.settled(await submit())
    await time.advance(10 * 60_000 + 1)
    expect(await refusal(reveals.read(late, actor))).to.equal('reveal_gone')
    await reveals.expire()
    expect((await engine.steps(late.id))[0]?.result).to.contain('"$sealed":null')
  })
})
