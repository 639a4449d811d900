import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { TestPostgres } from '../testing/postgres.js'
import { describeState } from '../testing/state.js'
import { insertMany } from './insert-many.js'
import { State } from './state.js'

async function rejection(promise: Promise<unknown>): Promise<{ code?: string; params?: Record<string, unknown> }> {
  try {
    await promise
  } catch (error) {
    return error as { code?: string }
  }
  throw new Error('expected a rejection')
}

const first = `export const up = knex => knex.schema.createTable('demo_a', t => { t.text('id').primary() })
export const down = knex => knex.schema.dropTable('demo_a')`
const second = `export const up = knex => knex.schema.createTable('demo_b', t => { t.text('id').primary() })
export const down = knex => knex.schema.dropTable('demo_b')`
const broken = `export const up = async knex => { await knex.schema.createTable('demo_c', t => { t.text('id') }); throw new Error('half way') }
export const down = async () => {}`

describeState('state', stores => {
  let steps: string
  beforeEach(async () => {
    steps = await mkdtemp(join(tmpdir(), 'nusa-steps-'))
    await writeFile(join(steps, 'package.json'), '{"type":"module"}')
    await writeFile(join(steps, '0001_a.js'), first)
    await writeFile(join(steps, '0002_b.js'), second)
  })
  afterEach(() => rm(steps, { recursive: true, force: true }))

  it('migrates up, down and up again, the kernel and a plugin', async () => {
    const state = await stores.open()
    const all = await state.rollback()
    expect(await state.migrate()).to.deep.equal(all.toReversed())
    expect(await state.migratePlugin('demo', steps)).to.deep.equal(['0001_a', '0002_b'])
    expect(await state.migratePlugin('demo', steps)).to.deep.equal([])
    expect(await state.rollbackPlugin('demo', steps)).to.deep.equal(['0002_b', '0001_a'])
    expect(await state.knex.schema.hasTable('demo_a')).to.equal(false)
    expect(await state.migratePlugin('demo', steps)).to.have.length(2)
  })

  it('rolls a failing step back whole and goes on from there once it is mended', async () => {
    const state = await stores.open()
    await writeFile(join(steps, '0003_c.js'), broken)
    const error = await rejection(state.migratePlugin('demo', steps))
    expect(error.code).to.equal('migration_failed')
    expect(error.params).to.include({ owner: 'demo', migration: '0003_c' })
    expect(await state.knex.schema.hasTable('demo_b')).to.equal(true)
    expect(await state.knex.schema.hasTable('demo_c')).to.equal(false)
  })

  it('refuses a store of a newer version and a store with a gap, by name', async () => {
    const state = await stores.open()
    const older = `${steps}-older`
    await cp(steps, older, { recursive: true })
    await rm(join(older, '0002_b.js'))
    await state.migratePlugin('demo', steps)
    const newer = await rejection(state.migratePlugin('demo', older))
    expect(newer.code).to.equal('state_newer')
    expect(newer.params).to.include({ migration: '0002_b' })
    await state.knex('demo_migrations').where({ name: '0001_a' }).delete()
    const gap = await rejection(state.migratePlugin('demo', steps))
    expect(gap.code).to.equal('state_half_migrated')
    await rm(older, { recursive: true })
  })

  it('names the step that cannot be loaded', async () => {
    const state = await stores.open()
    await writeFile(join(steps, '0003_c.js'), 'export const up = (')
    const error = await rejection(state.migratePlugin('demo', steps))
    expect(error.code).to.equal('migration_failed')
    expect(error.params).to.include({ migration: '0003_c' })
  })

  if (stores.dialect === 'postgres')
    it('waits for a server that starts, and not for ever for one that does not', async function () {
      this.timeout(30_000)
      await stores.open()
      const server = stores.postgres as TestPostgres
      await server.crash()
      const refused = await rejection(State.open(stores.config(), 600))
      expect(refused.code).to.equal('state_unavailable')
      const opening = State.open(stores.config(), 20_000)
      await delay(700)
      await server.start()
      await (await opening).close()
    })

  it('two starts at once migrate once', async () => {
    const state = await stores.open()
    const other = await stores.reopen()
    const applied = await Promise.all([state.migratePlugin('demo', steps), other.migratePlugin('demo', steps)])
    expect(await state.knex('demo_migrations').select('name')).to.have.length(2)
    expect(applied.flat().sort()).to.deep.equal(['0001_a', '0002_b'])
  })

  it('inserts any number of rows', async () => {
    const state = await stores.open()
    await state.migratePlugin('demo', steps)
    await insertMany(
      state.knex,
      'demo_a',
      Array.from({ length: 1201 }, (_, index) => ({ id: `n${index}` })),
    )
    expect(await state.knex('demo_a').select('id')).to.have.length(1201)
  })

  it('commits whole transactions and nothing of a failed one', async () => {
    const state = await stores.open()
    await state.migratePlugin('demo', steps)
    await rejection(
      state.transaction(async trx => {
        await trx('demo_a').insert({ id: 'x' })
        throw new Error('no')
      }),
    )
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => state.transaction(async trx => trx('demo_a').insert({ id: `r${i}` }))),
    )
    expect(await state.knex('demo_a').select('id')).to.have.length(50)
  })

  it('looks up what is committed, at once and also by another process', async () => {
    const state = await stores.open()
    const other = await stores.reopen()
    await state.knex.schema.createTable('demo_l', t => {
      t.text('id').primary()
      t.integer('n')
    })
    const lookup = () => state.lookup('select n from demo_l where id = ? limit ?', ['a', 1])
    expect(await lookup()).to.equal(undefined)
    await state.knex('demo_l').insert({ id: 'a', n: 1 })
    expect(await lookup()).to.deep.equal({ n: 1 })
    const open = await other.knex.transaction()
    await open('demo_l').update({ n: 2 })
    expect(await lookup()).to.deep.equal({ n: 1 })
    await open.commit()
    expect(await lookup()).to.deep.equal({ n: 2 })
    await other.knex('demo_l').delete()
    expect(await lookup()).to.equal(undefined)
  })
})

describe('state (sqlite only)', () => {
  it('waits for a lock of another process without stalling the event loop', async function () {
    this.timeout(10_000)
    const home = await mkdtemp(join(tmpdir(), 'nusa-state-'))
    const state = await State.open({ home })
    const other = await State.open({ home })
    await state.knex.schema.createTable('t', t => void t.integer('n'))
    const held = await other.knex.transaction()
    await held('t').insert({ n: 1 })
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    const waiting = state.transaction(async trx => trx('t').insert({ n: 2 }))
    const started = Date.now()
    while (ticks < 20 && Date.now() - started < 5000) await new Promise(resolve => setImmediate(resolve))
    await held.commit()
    await waiting
    clearInterval(timer)
    expect(ticks).to.be.greaterThanOrEqual(20)
    expect(await state.knex('t').select()).to.have.length(2)
    await state.close()
    await other.close()
    await rm(home, { recursive: true })
  })

  it('uses WAL, full synchronous writes and foreign keys', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nusa-state-'))
    const state = await State.open({ home })
    const read = async (name: string) => Object.values((await state.knex.raw(`pragma ${name}`))[0])[0]
    expect(await read('journal_mode')).to.equal('wal')
    expect(await read('synchronous')).to.equal(2)
    expect(await read('foreign_keys')).to.equal(1)
    await state.close()
    await rm(home, { recursive: true })
  })

  it('names an unwritable home', async () => {
    const error = await rejection(State.open({ home: '/proc/nowhere' }))
    expect(error.code).to.equal('state_unavailable')
  })
})
