import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { State } from '../state/state.js'
import { startPostgres, type TestPostgres } from './postgres.js'

export interface StateTest {
  readonly dialect: 'sqlite' | 'postgres'
  /** A fresh migrated store, closed after the test. */
  open(): Promise<State>
  /** Another handle on the newest store, as a second process would have it. */
  reopen(): Promise<State>
  /** Config of the newest store. */
  config(): { home: string; databaseUrl?: string }
  readonly postgres?: TestPostgres
}

/** Declares the suite once for SQLite and once for PostgreSQL. */
export function describeState(title: string, suite: (stores: StateTest) => void): void {
  for (const dialect of ['sqlite', 'postgres'] as const) {
    describe(`${title} (${dialect})`, () => {
      const opened: State[] = []
      const homes: string[] = []
      let postgres: TestPostgres | undefined
      let latest: { home: string; databaseUrl?: string } | undefined
      if (dialect === 'postgres') {
        before(async function () {
          this.timeout(60_000)
          postgres = await startPostgres()
        })
        after(async () => postgres?.stop())
      }
      const reopen = async () => {
        if (!latest) throw new Error('open() comes first')
        const state = await State.open(latest)
        opened.push(state)
        return state
      }
      suite({
        dialect,
        async open() {
          const home = await mkdtemp(join(tmpdir(), 'nusa-state-'))
          homes.push(home)
          latest = postgres ? { home, databaseUrl: await postgres.createDatabase() } : { home }
          const state = await reopen()
          await state.migrate()
          return state
        },
        reopen,
        config() {
          if (!latest) throw new Error('open() comes first')
          return latest
        },
        get postgres() {
          return postgres
        },
      })
      // Declared last and so run last: what the suite started is stopped by its own hooks while the store still answers.
      afterEach(async () => {
        for (const state of opened.splice(0)) await state.close()
        for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true })
      })
    })
  }
}
