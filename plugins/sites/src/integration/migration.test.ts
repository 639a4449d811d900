import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Knex } from '@nusantara/sdk'
import { expect } from 'chai'
import { up as first } from '../migrations/0001_sites.js'
import { down, up } from '../migrations/0002_authority.js'
import { startDatabase, type TestDatabase } from '../testing/database.js'

interface OpenState {
  readonly knex: Knex
  migrate(): Promise<unknown>
  close(): Promise<void>
}

for (const store of ['SQLite', 'PostgreSQL'] as const)
  describe(`recording who decided what about a site, on ${store}`, function () {
    this.timeout(60_000)
    let database: TestDatabase | undefined
    let home: string
    let state: OpenState
    before(async () => {
      if (store === 'PostgreSQL') database = await startDatabase()
      home = await mkdtemp(join(tmpdir(), 'nusa-authority-'))
      const module = new URL('../../../../kernel/dist/state/state.js', import.meta.url).href
      const { State } = (await import(module)) as { State: { open(config: object): Promise<OpenState> } }
      state = await State.open({ home, ...(database && { databaseUrl: database.url }) })
      await state.migrate()
      await first(state.knex)
    })
    after(async () => {
      await state?.close()
      await database?.stop()
      await rm(home, { recursive: true, force: true })
    })

    const site = (id: string, values: object) => ({
      ...{ id, tenant: `s${id}`, account_id: 'a', domain: `${id}.test`, state: 'active', suspended: 0, spec: '{}' },
      ...{ created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-02T00:00:00.000Z' },
      ...values,
    })
    const rows = async () => {
      const all: Record<string, unknown>[] = await state.knex('sites_sites').orderBy('id')
      return Object.fromEntries(all.map(row => [row.id, row]))
    }

    it('keeps what was suspended to administrators, loses no site or name, and can be taken back', async () => {
      const { knex } = state
      await knex('sites_sites').insert([
        site('plain', {}),
        site('quiet', { suspended: 1 }),
        site('going', { state: 'deleting' }),
      ])
      await knex('sites_names').insert({ name: 'plain.test', site_id: 'plain' })
      await up(knex)
      const { plain, quiet, going } = await rows()
      expect(plain).to.include({ state: 'active', suspended_by: null, deleting_job: null })
      expect(quiet).to.include({ suspended_by: 'administrator', suspended_at: '2026-01-02T00:00:00.000Z' })
      // No job deletes it, so it is as if nobody had asked.
      expect(going).to.include({ state: 'active', deleting_job: null })

      await knex('sites_sites').where({ id: 'going' }).update({ deleting_job: 'job' })
      await down(knex)
      expect((await rows()).going)
        .to.include({ state: 'deleting' })
        .and.not.have.property('deleting_job')
      expect(await knex('sites_names').pluck('name')).to.deep.equal(['plain.test'])
    })
  })
