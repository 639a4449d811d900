import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Knex } from 'knex'
import { migrationsOf } from '../plugins/plugin-runs.js'
import { State } from '../state/state.js'

type Schema = Readonly<Record<string, readonly string[]>>

export interface MigrationRounds {
  /** Tables and columns after the first up, after down, and after the second up; without the plugin's own record of steps. */
  readonly up: Schema
  readonly down: Schema
  readonly again: Schema
  readonly before: Schema
}

/**
 * Applies a plugin's migrations to a fresh store, takes them back and applies them again.
 *
 * @param databaseUrl an empty PostgreSQL database; default SQLite
 * @returns undefined when the plugin has no migrations
 */
export async function roundTripMigrations(
  id: string,
  directory: string,
  databaseUrl?: string,
): Promise<MigrationRounds | undefined> {
  const steps = await migrationsOf(directory)
  if (!steps) return undefined
  const home = await mkdtemp(join(tmpdir(), 'nusa-migrations-'))
  const state = await State.open(databaseUrl ? { home, databaseUrl } : { home })
  try {
    await state.migrate()
    const record = `${id.replaceAll('-', '_')}_migrations`
    const schema = () => readSchema(state, record)
    const before = await schema()
    await state.migratePlugin(id, steps)
    const up = await schema()
    await state.rollbackPlugin(id, steps)
    const down = await schema()
    await state.migratePlugin(id, steps)
    return { before, up, down, again: await schema() }
  } finally {
    await state.close()
    await rm(home, { recursive: true, force: true })
  }
}

async function readSchema({ knex, dialect }: State, except: string): Promise<Schema> {
  const names =
    dialect === 'sqlite'
      ? await knex('sqlite_master').where({ type: 'table' }).pluck('name')
      : await knex('information_schema.tables').where({ table_schema: 'public' }).pluck('table_name')
  const schema: Record<string, string[]> = {}
  for (const name of names.filter(one => one !== except).sort()) schema[name] = await columns(knex, name)
  return schema
}

async function columns(knex: Knex, table: string): Promise<string[]> {
  const info = await knex(table).columnInfo()
  return Object.entries(info).map(([name, column]) => `${name} ${(column as Knex.ColumnInfo).type}`)
}
