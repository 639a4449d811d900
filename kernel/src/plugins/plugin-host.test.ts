import 'reflect-metadata'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { cyclePlugin } from '../testing/cycle-plugin.js'
import { createTestPanel } from '../testing/test-panel.js'
import { type Fixture, greedy, writePlugin } from './plugin-fixtures.js'
import { PluginRuns } from './plugin-runs.js'

describe('PluginHost', function () {
  this.timeout(60_000)
  let directory: string
  let panel: TestPanel | undefined
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-plugins-'))
  })
  afterEach(async () => {
    await panel?.stop()
    panel = undefined
    await rm(directory, { recursive: true, force: true })
  })

  async function start(...fixtures: Fixture[]): Promise<TestPanel> {
    const plugins = []
    for (const fixture of fixtures) plugins.push(await writePlugin(directory, fixture))
    panel = await createTestPanel({ plugins, broker: false })
    return panel
  }
  const admin = () => (panel as TestPanel).as('admin')
  const show = async (id: string) => (await admin().get(`/plugins/${id}`)).body
  const states = async () =>
    Object.fromEntries(
      (await admin().get('/plugins')).body.items.map((one: { id: string; state: string }) => [one.id, one.state]),
    )

  it('a failed plugin takes down only those that depend on it, and the list says why', async () => {
    await start(
      { id: 'broken', start: "throw new Error('no disk')" },
      { id: 'needs', dependencies: { broken: '^1' } },
      { id: 'likes', optionalDependencies: { broken: '^1' } },
    )
    expect(await states()).to.deep.equal({ broken: 'failed', needs: 'failed', likes: 'running' })
    const { why } = await show('broken')
    expect(why.code).to.equal('plugin_start_failed')
    expect(why.message).to.equal('Plugin broken did not start: no disk.')
    expect((await show('needs')).why.code).to.equal('plugin_dependency_failed')
  })

  it('switches a plugin off and on live, and remembers it', async () => {
    await start({ id: 'alpha', permissions: { 'alpha:read': {} }, start: greedy })
    expect((await admin().get('/alpha')).body).to.deep.equal({ hello: 'alpha' })
    expect((await admin().post('/plugins/alpha/disable')).body.state).to.equal('stopped')
    expect((await admin().get('/alpha')).status).to.equal(404)
    await panel?.restart()
    expect(await states()).to.deep.equal({ alpha: 'resolved' })
    expect((await admin().post('/plugins/alpha/enable')).body.state).to.equal('running')
    expect((await admin().get('/alpha')).status).to.equal(200)
  })

  it('refuses to switch off what others need, and on what needs something that is off', async () => {
    await start({ id: 'base' }, { id: 'top', dependencies: { base: '^1' } })
    const refused = await admin().post('/plugins/base/disable')
    expect([refused.status, refused.body.code, refused.body.params.dependants]).to.deep.equal([
      409,
      'plugin_required',
      'top',
    ])
    await admin().post('/plugins/top/disable')
    await admin().post('/plugins/base/disable')
    expect((await admin().post('/plugins/top/enable')).body.code).to.equal('plugin_dependency_disabled')
  })

  it('an ordinary user may neither list nor switch plugins', async () => {
    const { status } = await (await start({ id: 'base' })).as('user').post('/plugins/base/disable')
    expect(status).to.equal(403)
    expect(await states()).to.deep.equal({ base: 'running' })
  })

  it('names a capability that the manifest lacks', async () => {
    await start({ id: 'meek', capabilities: [], start: "ctx.http.publish('x', 1)" })
    const { why } = await show('meek')
    expect([why.code, why.params.capability, why.params.use]).to.deep.equal([
      'plugin_capability_missing',
      'http',
      'http.publish',
    ])
  })

  it('shows what a plugin adds to the form of another while it runs, and only if it may have a UI', async () => {
    const extend = `ctx.extensions.extend(sdk.defineExtension('bank.open'), { key: ctx.id, schema: sdk.object({}), steps: [],
      element: 'nusa-' + ctx.id + '-part', permission: 'authenticated' })`
    await start({ id: 'shop', start: extend }, { id: 'meek', capabilities: [], start: extend })
    const parts = async () => (await admin().get('/shell')).body.extensions
    expect(await parts()).to.deep.equal({ 'bank.open': [{ plugin: 'shop', key: 'shop', element: 'nusa-shop-part' }] })
    expect((await show('meek')).why.params).to.include({ capability: 'ui' })
    expect(panel?.inventory().panels.map(({ element }) => element)).to.deep.equal(['nusa-shop-part'])
    await admin().post('/plugins/shop/disable')
    expect(await parts()).to.deep.equal({})
  })

  it('a context refuses to be used after the stop', async () => {
    await start({ id: 'late', start: 'globalThis.__late = ctx' })
    const kept = globalThis as unknown as { __late: { db: { knex: unknown }; timers: { setTimeout(): void } } }
    await admin().post('/plugins/late/disable')
    expect(() => kept.__late.timers.setTimeout()).to.throw('plugin_context_stopped')
    expect(() => kept.__late.db.knex).to.throw('plugin_context_stopped')
    expect(Object.isFrozen(kept.__late)).to.equal(true)
  })

  it('lets nobody speak for the owner of a token', async () => {
    await start({ id: 'thief', start: "ctx.services.provide(sdk.defineService('bank.vault'), {})" })
    expect((await show('thief')).why.params).to.deep.equal({ plugin: 'thief', token: 'bank.vault', owner: 'bank' })
  })

  it('hands services from a plugin to those that declare it, and waits for optional ones', async () => {
    const service = "sdk.defineService('base.clock')"
    const hello = (use: string) => `
      let seen = 'nobody'
      ${use}
      ctx.http.route({ operation: ctx.id + '.seen', method: 'GET', path: '/', permission: 'authenticated', summary: 'Seen',
        response: sdk.object({ seen: sdk.Joi.string().required() }), handler: async () => ({ seen }) })`
    await start(
      { id: 'base', start: `ctx.services.provide(${service}, { now: async () => 'noon' })` },
      {
        id: 'strict',
        dependencies: { base: '^1' },
        start: hello(`seen = await ctx.services.require(${service}).now()`),
      },
      {
        id: 'easy',
        start: hello(`ctx.services.when(${service}, () => { seen = 'base'; return () => { seen = 'nobody' } })`),
      },
    )
    expect((await admin().get('/strict')).body.seen).to.equal('noon')
    expect((await admin().get('/easy')).body.seen).to.equal('base')
    await admin().post('/plugins/strict/disable')
    await admin().post('/plugins/base/disable')
    expect((await admin().get('/easy')).body.seen).to.equal('nobody')
  })

  it('50 cycles of disable and enable keep routes, taps, jobs, schedules and timers constant', async () => {
    await start({ id: 'alpha', permissions: { 'alpha:read': {} }, start: greedy })
    const report = await cyclePlugin(panel as TestPanel, 'alpha', 50)
    expect(report.after).to.deep.equal(report.before)
    if (report.heapGrowth !== undefined) expect(report.heapGrowth).to.be.lessThan(2 * 1024 * 1024)
  })

  it('a start that does not end fails, names the limit and leaves nothing', async () => {
    await start({
      id: 'slow',
      permissions: { 'slow:read': {} },
      start: `${greedy}; if (globalThis.__hang) await new Promise(() => {})`,
    })
    await admin().post('/plugins/slow/disable')
    const runs = (panel as TestPanel).resolve(PluginRuns as unknown as new () => PluginRuns)
    runs.limits.start = 50
    const flag = globalThis as unknown as { __hang?: boolean }
    flag.__hang = true
    const refused = await admin().post('/plugins/slow/enable')
    flag.__hang = false
    expect([refused.status, refused.body.code]).to.deep.equal([500, 'plugin_start_timeout'])
    expect((await show('slow')).state).to.equal('failed')
    const { routes, taps } = (panel as TestPanel).inventory()
    expect(routes.filter(({ owner }) => owner === 'slow')).to.deep.equal([])
    expect(taps.filter(({ plugin }) => plugin === 'slow')).to.deep.equal([])
  })
})
