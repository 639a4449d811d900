import { discover } from '../plugins/discovery.js'
import { migrationsOf } from '../plugins/plugin-runs.js'
import type { State } from '../state/state.js'

export interface MigrationOwner {
  readonly owner: string
  /** Of its compiled steps; absent for the kernel's own. */
  readonly directory?: string
}

/** Whose migrations a start of this panel would apply: the kernel's, then those of the plugins that are on. */
export async function migrationOwners(state: State, pluginDirs: readonly string[]): Promise<MigrationOwner[]> {
  const owners: MigrationOwner[] = [{ owner: 'kernel' }]
  const hasPlugins = await state.knex.schema.hasTable('plugins')
  const rows: { id: string }[] = hasPlugins ? await state.knex('plugins').where({ enabled: 1 }).select('id') : []
  const enabled = new Set(rows.map(({ id }) => id))
  for (const { id, directory } of await discover(pluginDirs)) {
    const steps = enabled.has(id) ? await migrationsOf(directory) : undefined
    if (steps) owners.push({ owner: id, directory: steps })
  }
  return owners
}
