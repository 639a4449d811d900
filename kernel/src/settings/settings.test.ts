import 'reflect-metadata'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { type Fixture, writePlugin } from '../plugins/plugin-fixtures.js'
import { State } from '../state/state.js'
import { createTestPanel } from '../testing/test-panel.js'
import { variableName } from './environment.js'

const start = `
  const { Joi, object, defineSettings } = sdk
  const settings = ctx.settings(defineSettings(object({
    maxSize: Joi.number().integer().min(1).default(10),
    hosts: Joi.array().items(Joi.string()).default([]),
    password: Joi.string(),
    mode: Joi.string().valid('slow', 'fast').default('slow'),
    loud: Joi.boolean().default(false),
    tree: Joi.object({ depth: Joi.number() }),
  }), { version: globalThis.__version ?? 1, secrets: ['password'],
        migrate: values => ({ ...values, maxSize: values.maxSize * 2 }) }))
  let told = 0
  settings.onChange(values => { told = values.maxSize })
  ctx.http.route({ operation: 'demo.values', method: 'GET', path: '/', permission: 'authenticated', summary: 'Values',
    response: object({ values: Joi.object().unknown(), told: Joi.number() }),
    handler: async () => ({ values: await settings.get(), told }) })
`
const defaults = { mode: 'slow', loud: false }
const demo: Fixture = { id: 'demo', start }

describe('Settings', function () {
  this.timeout(30_000)
  let directory: string
  let panel: TestPanel
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-settings-'))
    const plugins = [await writePlugin(directory, demo), await writePlugin(directory, { id: 'other' })]
    panel = await createTestPanel({ plugins, broker: false })
  })
  afterEach(async () => {
    delete process.env.NUSA_DEMO_MAX_SIZE
    delete (globalThis as { __version?: number }).__version
    await panel.stop()
    await rm(directory, { recursive: true, force: true })
  })
  const admin = () => panel.as('admin')
  const knex = () => panel.resolve(State as unknown as new () => State).knex
  async function again() {
    await admin().post('/plugins/demo/disable')
    return admin().post('/plugins/demo/enable')
  }

  it('gives defaults, takes changes, tells the plugin, and puts null back to the default', async () => {
    expect((await admin().get('/settings/demo')).body.values).to.deep.equal({ ...defaults, maxSize: 10, hosts: [] })
    await admin().patch('/settings/demo', { maxSize: 20, hosts: ['a'] })
    expect((await admin().get('/demo')).body).to.deep.equal({
      values: { ...defaults, maxSize: 20, hosts: ['a'] },
      told: 20,
    })
    await admin().patch('/settings/demo', { maxSize: null })
    const { items } = (await admin().get('/settings')).body
    expect(items.map((one: { plugin: string }) => one.plugin)).to.deep.equal(['kernel', 'demo'])
    expect(items[1].values).to.deep.equal({ ...defaults, maxSize: 10, hosts: ['a'] })
  })

  it('says what a form asks for, without the value of a secret', async () => {
    await admin().patch('/settings/demo', { password: 'swordfish' })
    const { fields } = (await admin().get('/settings/demo')).body
    expect(fields).to.deep.equal([
      { key: 'maxSize', variable: variableName('demo', 'maxSize'), kind: 'number', min: 1, default: 10 },
      { key: 'hosts', variable: variableName('demo', 'hosts'), kind: 'list', default: [] },
      { key: 'password', variable: variableName('demo', 'password'), kind: 'secret' },
      {
        key: 'mode',
        variable: variableName('demo', 'mode'),
        kind: 'choice',
        choices: ['slow', 'fast'],
        default: 'slow',
      },
      { key: 'loud', variable: variableName('demo', 'loud'), kind: 'switch', default: false },
      { key: 'tree', variable: variableName('demo', 'tree'), kind: 'other' },
    ])
    const { items } = (await admin().get('/settings')).body
    const kernel = items.find((one: { plugin: string }) => one.plugin === 'kernel')
    for (const language of ['en', 'id']) {
      const texts = (await admin().get(`/messages/${language}`)).body.kernel
      for (const { key } of kernel.fields) expect(texts, language).to.have.property(`setting.kernel.${key}`)
    }
    expect(kernel.fields.find((one: { key: string }) => one.key === 'jobDays')).to.deep.equal({
      key: 'jobDays',
      variable: 'NUSA_KERNEL_JOB_DAYS',
      kind: 'number',
      min: 1,
      max: 3650,
      default: 90,
    })
  })

  it('loses none of two changes that come at once', async () => {
    await Promise.all([
      admin().patch('/settings/demo', { maxSize: 30 }),
      admin().patch('/settings/demo', { hosts: ['b'] }),
      admin().patch('/settings/demo', { password: 'pw' }),
    ])
    const { values, secrets } = (await admin().get('/settings/demo')).body
    expect([values, secrets]).to.deep.equal([{ ...defaults, maxSize: 30, hosts: ['b'] }, ['password']])
  })

  it('refuses an invalid value by the name of its field', async () => {
    const { status, body } = await admin().patch('/settings/demo', { maxSize: 0 })
    expect([status, body.code, body.fields?.[0]?.path ?? body.errors?.[0]?.path]).to.deep.equal([
      422,
      'invalid_input',
      'maxSize',
    ])
  })

  it('seals secrets and never sends them back', async () => {
    const { body, text } = await admin().patch('/settings/demo', { password: 'swordfish' })
    expect(body.secrets).to.deep.equal(['password'])
    expect(text).not.to.include('swordfish')
    const [row] = await knex()('settings')
    expect(JSON.stringify(row)).not.to.include('swordfish')
    expect((await admin().get('/demo')).body.values.password).to.equal('swordfish')
  })

  it('lets the environment win, and refuses to change what it fixes', async () => {
    process.env[variableName('demo', 'maxSize')] = '33'
    const { body } = await admin().get('/settings/demo')
    expect([body.values.maxSize, body.fixed]).to.deep.equal([33, ['maxSize']])
    const refused = await admin().patch('/settings/demo', { maxSize: 5 })
    expect([refused.status, refused.body.params.variable]).to.deep.equal([409, 'NUSA_DEMO_MAX_SIZE'])
  })

  it('invalid settings fail that plugin alone, naming the key', async () => {
    process.env.NUSA_DEMO_MAX_SIZE = 'many'
    const refused = await again()
    expect([refused.body.code, refused.body.params.key]).to.deep.equal(['setting_invalid', 'maxSize'])
    expect((await admin().get('/plugins/other')).body.state).to.equal('running')
  })

  it('migrates what an older version stored, and refuses what a newer one did', async () => {
    await admin().patch('/settings/demo', { maxSize: 7 })
    const version = globalThis as { __version?: number }
    version.__version = 2
    await again()
    expect((await admin().get('/settings/demo')).body.values.maxSize).to.equal(14)
    await admin().patch('/settings/demo', { hosts: ['b'] })
    version.__version = 1
    expect((await again()).body.code).to.equal('settings_newer')
  })

  it('an ordinary user may not read them', async () => {
    expect((await panel.as('user').get('/settings/demo')).status).to.equal(403)
  })
})
