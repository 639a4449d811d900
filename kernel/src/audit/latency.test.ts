import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { State } from '../state/state.js'
import { startPostgres, type TestPostgres } from '../testing/postgres.js'
import { createTestPanel } from '../testing/test-panel.js'
import { fillLog } from './testing.js'

const entries = 100_000

/** Milliseconds of requests that came one after another while `busy` was under way. */
async function latenciesWhile(busy: Promise<unknown>, request: () => Promise<unknown>): Promise<number[]> {
  let over = false
  const end = busy.finally(() => {
    over = true
  })
  const latencies: number[] = []
  while (!over) {
    const started = performance.now()
    await request()
    latencies.push(performance.now() - started)
  }
  await end
  return latencies
}

for (const dialect of ['sqlite', 'postgres'] as const) {
  describe(`audit log of ${entries} entries (${dialect})`, function () {
    this.timeout(120_000)
    let postgres: TestPostgres | undefined
    let panel: TestPanel
    before(async () => {
      postgres = dialect === 'postgres' ? await startPostgres() : undefined
      const databaseUrl = await postgres?.createDatabase()
      panel = await createTestPanel({ plugins: [], broker: false, ...(databaseUrl && { databaseUrl }) })
      // A log of its own beside the panel's: the panel has written to it already.
      const state = panel.resolve(State as never) as State
      await emptyLog(state)
      await fillLog(state, entries, () => '2026-01-01T00:00:00.000Z')
    })
    after(async () => {
      await panel?.stop()
      await postgres?.stop()
    })

    it('lets requests pass while it is verified, and while it is searched for an export', async () => {
      const admin = panel.as('admin')
      const session = () => admin.get('/auth/session')
      await session()
      const started = performance.now()
      const verified = admin.get<{ ok: boolean; entries: number }>('/audit/verify')
      const during = await latenciesWhile(verified, session)
      const took = performance.now() - started
      expect((await verified).body).to.include({ ok: true, entries })
      await latenciesWhile(admin.get('/audit/export?since=2027-01-01'), session).then(more => during.push(...more))
      during.sort((a, b) => a - b)
      const p95 = during[Math.floor(during.length * 0.95)] as number
      // One long scan in the panel's own thread would leave room for a handful, each as slow as the scan.
      expect(during.length, `requests answered within ${Math.round(took)} ms`).to.be.greaterThan(20)
      expect(p95, `p95 of ${during.length} requests`).to.be.lessThan(100)
    })
  })
}

async function emptyLog({ knex, dialect }: State): Promise<void> {
  const guards =
    dialect === 'postgres'
      ? undefined
      : await knex('sqlite_master').where({ type: 'trigger' }).whereLike('tbl_name', 'audit_%').select('name', 'sql')
  for (const { name } of guards ?? []) await knex.raw(`drop trigger ${name}`)
  const switched = (on: boolean) =>
    ['audit_entries', 'audit_checkpoints'].map(table => `alter table ${table} ${on ? 'enable' : 'disable'} trigger all`)
  if (!guards) for (const sql of switched(false)) await knex.raw(sql)
  await knex('audit_entries').delete()
  await knex('audit_checkpoints').delete()
  for (const { sql } of guards ?? []) await knex.raw(sql)
  if (!guards) for (const sql of switched(true)) await knex.raw(sql)
}
