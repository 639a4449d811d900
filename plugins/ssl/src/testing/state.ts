import type { Knex } from '@nusantara/sdk'
import type { TestPanel } from '@nusantara/sdk/testing'

/**
 * The panel's own connection to its state. Not a second SQLite in this process: closing that one would drop the locks of the
 * panel's (sqlite.org/howtocorrupt.html §2.2.1).
 */
export async function stateOf(panel: TestPanel): Promise<Knex> {
  const { State } = (await import(new URL('../../../../kernel/dist/state/state.js', import.meta.url).href)) as {
    State: new () => { knex: Knex }
  }
  return panel.resolve(State).knex
}
