import 'reflect-metadata'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { defineEvent, defineHook, defineJob, kernelHooks, newId, object, systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import { Outbox } from '../events/outbox.js'
import { Hooks } from '../hooks/hooks.js'
import { roomAt } from '../host/file-system.js'
import { Catalogues } from '../i18n/catalogues.js'
import { accept, describeEngine, type Engine, FakeTime } from '../jobs/engine.fixture.js'
import { checkRoom } from './checks-of-host.js'
import { checkByPlugins } from './checks-of-plugins.js'
import { checkIntegrity } from './checks-of-state.js'
import { checkMigrations } from './checks-of-versions.js'
import type { Finding } from './finding.js'
import { Health } from './health.js'

describeEngine('health', engines => {
  const examine = async (engine: Engine): Promise<ReadonlyMap<string, Finding>> => {
    const scope = { actor: systemActor('test'), signal: AbortSignal.timeout(30_000) }
    const findings = await engine.container.resolve(Health).examine(scope)
    const catalogues = engine.container.resolve(Catalogues)
    // Whatever is found has words in both languages.
    for (const { message, remedy } of findings) {
      for (const { code, params } of [message, ...(remedy ? [remedy] : [])]) {
        for (const locale of ['en', 'id']) expect(catalogues.format(locale, code, params), code).not.to.contain(code)
      }
    }
    return new Map(findings.map(found => [found.id, found]))
  }

  it('finds nothing wrong with work that goes on', async () => {
    const found = await examine(await engines.engine())
    for (const id of ['state', 'integrity', 'clock', 'taps', 'events', 'jobs', 'leases']) {
      expect(found.get(id)?.status, id).to.equal('ok')
    }
    // There is no broker here, and that keeps no other check from being made.
    expect(found.get('broker')?.status).to.equal('failed')
  })

  it('names a tap whose hook has no owner', async () => {
    const engine = await engines.engine()
    engine.container.resolve(Hooks).tap(defineHook<[], number>('absent.vhost', 'collect'), 'ssl', () => 1)
    const taps = (await examine(engine)).get('taps')
    expect([taps?.status, taps?.message.params]).to.deep.equal([
      'warning',
      { count: 1, taps: 'ssl → absent.vhost', owners: 'absent' },
    ])
  })

  it('names an event that a plugin fails to take in, and why', async () => {
    const engine = await engines.engine()
    const outbox = engine.container.resolve(Outbox)
    await outbox.hold('dns', 'x')
    await engine.state.transaction(trx => outbox.write(trx, defineEvent('demo.made'), {}))
    for (let n = 0; n < 5; n++) await outbox.failed('dns', 'demo.made', 'no room')
    const events = (await examine(engine)).get('events')
    expect(events?.status).to.equal('failed')
    expect(events?.message.params).to.include({ plugin: 'dns', event: 'demo.made', failures: 5, reason: 'no room' })
    await outbox.advance('dns', 1)
    expect((await examine(engine)).get('events')?.status).to.equal('ok')
  })

  it('names jobs in doubt, and jobs that nobody looks after', async () => {
    const engine = await engines.engine()
    const definition = defineJob<object>({ type: 'demo.x', version: 1, input: object<object>({}) })
    engine.jobs.define('demo', definition, undefined)
    const [doubted, left] = [await accept(engine, definition, {}), await accept(engine, definition, {})]
    await engine.state.knex('jobs').where({ id: doubted }).update({ state: 'unknown' })
    const ago = new Date(Date.now() - 120_000).toISOString()
    await engine.state
      .knex('jobs')
      .where({ id: left })
      .update({ state: 'running', runner_id: 'gone', lease_until: ago })
    const found = await examine(engine)
    expect([found.get('jobs')?.status, found.get('jobs')?.message.params]).to.deep.equal([
      'warning',
      { count: 1, jobs: doubted },
    ])
    expect([found.get('leases')?.status, found.get('leases')?.message.params]).to.deep.equal([
      'failed',
      { count: 1, jobs: left },
    ])
  })

  it('notices a clock that was set back', async () => {
    const time = new FakeTime('2026-03-01T10:00:00.000Z')
    const engine = await engines.engine({ clock: time })
    const at = '2026-03-01T11:00:00.000Z'
    await engine.state.knex('audit_entries').insert({
      ...{ seq: 1, previous: newId(), hash: newId(), body: '{}', at, actor: 'x', action: 'x', outcome: 'success' },
    })
    const clock = (await examine(engine)).get('clock')
    expect([clock?.status, clock?.message.params]).to.deep.equal(['failed', { seconds: 3600 }])
  })

  it('warns of little room, and fails when there is next to none', async () => {
    const room = { path: '/x', device: 1, bytes: 2 ** 40, freeInodes: 900, inodes: 1000 }
    const status = (megabytes: number) => checkRoom([{ ...room, freeBytes: megabytes * 2 ** 20 }])[0]?.status
    expect([511, 512, 2047, 2048].map(status)).to.deep.equal(['failed', 'warning', 'warning', 'ok'])
    const [real] = checkRoom([{ path: '/', ...(await roomAt('/')) }])
    expect(real?.message.params?.megabytes).to.be.above(0)
  })

  it('shows what plugins find in their own words, and blames one that throws, hangs or talks nonsense', async () => {
    const { container, lines } = await engines.engine()
    const hooks = container.resolve(Hooks)
    const { check } = kernelHooks.health
    const detail = { code: 'mirror.slow', params: { seconds: 9 } }
    const remedy = { code: 'mirror.slow.remedy' }
    hooks.tap(check, 'broken', () => {
      throw new Error('no such table')
    })
    hooks.tap(check, 'mirror', () => ({ name: 'mirror.reachable', status: 'degraded' as const, detail, remedy }))
    hooks.tap(check, 'mirror', () => ({ name: 'mirror.disk', status: 'ok' as const }))
    hooks.tap(check, 'hanging', () => new Promise<never>(() => {}))
    hooks.tap(check, 'nonsense', () => ({ name: 'x', status: 'splendid' }) as never)
    hooks.tap(check, 'spoofing', () => ({ name: 'audit', status: 'failed' as const, detail }))
    const scope = { actor: systemActor('test'), signal: AbortSignal.timeout(30_000) }
    const found = await checkByPlugins(hooks, scope, 50)
    expect(found.map(({ id, plugin, group, status }) => [id, plugin, group, status])).to.deep.equal([
      ['broken.check', 'broken', 'plugins', 'failed'],
      ['mirror.reachable', 'mirror', 'plugins', 'warning'],
      ['mirror.disk', 'mirror', 'plugins', 'ok'],
      ['hanging.check', 'hanging', 'plugins', 'failed'],
      ['nonsense.check', 'nonsense', 'plugins', 'failed'],
      ['spoofing.audit', 'spoofing', 'plugins', 'failed'],
    ])
    expect(found[0]?.message.params).to.deep.equal({ plugin: 'broken', reason: 'no such table' })
    expect([found[1]?.message, found[1]?.remedy]).to.deep.equal([detail, remedy])
    const blamed = lines.map(({ fields }) => (fields as { plugin?: string }).plugin)
    expect(blamed).to.have.members(['broken', 'hanging'])
  })

  it('says when the store is ahead of this version, or behind it', async () => {
    const engine = await engines.engine()
    const codes = async () =>
      (await checkMigrations(engine.state, 'system')).map(({ status, message }) => [status, message.code])
    expect(await codes()).to.deep.equal([])
    const { name } = await engine.state.knex('kernel_migrations').orderBy('name', 'desc').first('name')
    await engine.state.knex('kernel_migrations').where({ name }).delete()
    expect(await codes()).to.deep.equal([['failed', 'health.versions.older']])
    await engine.state.knex('kernel_migrations').insert({ name: '9999_from_the_future', applied_at: 'then' })
    expect(await codes()).to.deep.equal([['failed', 'health.versions.newer']])
  })

  if (engines.dialect === 'postgres') {
    it('says that a database that cannot be written is no good', async () => {
      const engine = await engines.engine()
      const { rows } = await engine.state.knex.raw('select current_database() as name')
      await engine.state.knex.raw(`alter database "${rows[0].name}" set default_transaction_read_only = on`)
      const fresh = await engines.reopen()
      const found = await checkIntegrity(fresh, engines.config().home)
      expect([found.status, found.message.params?.faults]).to.deep.equal(['failed', 'it is set to read only'])
    })
  } else {
    it('notices a page that was overwritten', async () => {
      const engine = await engines.engine()
      await engine.state.knex.raw('pragma wal_checkpoint(truncate)')
      const file = await open(join(engines.config().home, 'panel.sqlite'), 'r+')
      for (let page = 5; page < 30; page++) await file.write(Buffer.alloc(200, 0xff), 0, 200, page * 4096)
      await file.close()
      const found = await checkIntegrity(engine.state, engines.config().home)
      expect(found.status).to.equal('failed')
      expect(String(found.message.params?.faults)).not.to.equal('')
    })
  }
})
