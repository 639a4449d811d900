import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Config } from '../config/config.js'
import { ownNames } from '../host/own-names.js'
import { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { discardKeptState, keepState, putStateBack } from './kept-state.js'
import { panelLinks } from './links.js'
import { rehearse } from './rehearsal.js'

const configOf = (at: { home: string; databaseUrl?: string }): Config => ({
  profile: 'system',
  port: 8443,
  listen: ['::'],
  hosts: [],
  sites: { httpPort: 80, httpsPort: 443 },
  trustedProxies: [],
  logLevel: 'silent',
  pluginDirs: [],
  brokerSocket: '/nonexistent/broker.sock',
  uiDir: '/nonexistent',
  roles: ['web', 'runner'],
  bcryptCost: 4,
  ...at,
})

const setting = (value: string) => ({ id: 'probe', value })

async function rejection(promise: Promise<unknown>): Promise<{ code?: string; params?: Record<string, unknown> }> {
  try {
    await promise
  } catch (error) {
    return error as { code?: string }
  }
  throw new Error('was not rejected')
}

describeState('the state over an upgrade', stores => {
  async function opened(): Promise<{ state: State; config: Config }> {
    const state = await stores.open()
    await state.knex.schema.createTable('probe', table => {
      table.text('id').primary()
      table.text('value')
    })
    await state.knex('probe').insert(setting('before'))
    return { state, config: configOf(stores.config()) }
  }

  it('is as before after a rehearsal that this version passes, also of migrations it lacks', async function () {
    this.timeout(60_000)
    const { state, config } = await opened()
    const steps = await state.applied('kernel')
    await state.rollbackTo(steps.slice(0, -1), 'kernel')
    await rehearse(config)
    expect(await state.applied('kernel')).to.deep.equal(steps.slice(0, -1))
    expect(existsSync(join(config.home, 'upgrade', 'rehearsal'))).to.equal(false)
  })

  it('is refused by a version older than it, by name, and left alone', async function () {
    this.timeout(60_000)
    const { state, config } = await opened()
    await state.knex('kernel_migrations').insert({ name: '9999_later', applied_at: '2030-01-01T00:00:00.000Z' })
    const error = await rejection(rehearse(config))
    expect(error.code).to.equal('state_newer')
    expect(error.params?.migration).to.equal('9999_later')
    expect(await state.applied('kernel')).to.include('9999_later')
  })

  it('comes back to the steps it had when it was kept', async () => {
    const { state, config } = await opened()
    const steps = await state.applied('kernel')
    await state.rollbackTo(steps.slice(0, -1), 'kernel')
    await keepState(config)
    await state.migrate()
    expect(await state.applied('kernel')).to.deep.equal(steps)
    await state.close()
    await putStateBack(config)
    const after = await stores.reopen()
    expect(await after.applied('kernel')).to.deep.equal(steps.slice(0, -1))
    expect(await after.knex('probe').first()).to.deep.equal(setting('before'))
    await putStateBack(config)
    await discardKeptState(config)
    expect(existsSync(join(config.home, 'upgrade'))).to.equal(false)
  })
})

describe('the state over an upgrade (sqlite only)', () => {
  let home: string
  let config: Config
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nusa-upgrade-'))
    config = configOf({ home })
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('is kept whole while somebody writes, and put back without what was written later', async () => {
    const state = await State.open(config)
    await state.migrate()
    await state.knex.schema.createTable('probe', table => void table.text('value'))
    await state.knex('probe').insert({ value: 'before' })
    await keepState(config)
    await state.knex('probe').update({ value: 'after' })
    await state.close()
    await writeFile(join(home, 'panel.sqlite-wal'), 'what a killed process left')
    await putStateBack(config)
    const again = await State.open(config)
    expect(await again.knex('probe').first()).to.deep.equal({ value: 'before' })
    await again.close()
  })

  it('comes back with the checkpoint of the audit log that fits the store, or with none', async () => {
    const state = await State.open(config)
    await state.migrate()
    await state.close()
    const checkpoint = join(home, 'audit-checkpoint.json')
    await writeFile(checkpoint, 'before')
    await keepState(config)
    await writeFile(checkpoint, 'after')
    await putStateBack(config)
    expect(await readFile(checkpoint, 'utf8')).to.equal('before')
    await rm(checkpoint)
    await keepState(config)
    await writeFile(checkpoint, 'after')
    await putStateBack(config)
    expect(existsSync(checkpoint)).to.equal(false)
  })

  it('needs no state: a server whose panel never started rehearses an empty one', async function () {
    this.timeout(60_000)
    await rehearse(config)
    await keepState(config)
    await putStateBack(config)
    expect(await readdir(home)).to.deep.equal(['upgrade'])
  })
})

describe('the links that an installation prints', () => {
  it('name what the panel answers under, with the token while one waits', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nusa-links-'))
    try {
      const config = { home, hosts: [], port: 8443 }
      const [first] = await panelLinks(config)
      expect(first).to.equal(`https://${ownNames()[0]}:8443/`)
      await writeFile(join(home, 'setup-token'), 'abc\n')
      expect(await panelLinks({ ...config, hosts: ['panel.example.test'] })).to.deep.equal([
        'https://panel.example.test:8443/setup#token=abc',
      ])
    } finally {
      await rm(home, { recursive: true })
    }
  })
})
