import type { TestPanel } from '@nusantara/sdk/testing'
import { State } from '../../state/state.js'

/** Written by the panel itself as time goes on, or as the record of the very requests that are refused. */
const restless =
  /^(?:sqlite_|knex_|.*migrations|audit_|outbox|rate_limits|job_log|schedules|peer_letters|known_addresses)/
const restlessColumns = ['last_seen_at', 'last_used_at']

/** Every row that a request can change, by table. */
export async function storeRows(panel: TestPanel): Promise<Readonly<Record<string, readonly string[]>>> {
  const { knex } = panel.resolve(State)
  const tables: { name: string }[] = await knex('sqlite_master').where({ type: 'table' }).select('name')
  const rows: Record<string, string[]> = {}
  for (const { name } of tables.filter(table => !restless.test(table.name))) {
    const found: Record<string, unknown>[] = await knex(name)
    rows[name] = found
      .map(row => JSON.stringify(Object.entries(row).filter(([column]) => !restlessColumns.includes(column))))
      .sort()
  }
  return rows
}
