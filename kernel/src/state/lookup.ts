import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

interface Statement {
  pluck(): Statement
  get(...bindings: readonly unknown[]): unknown
}

interface Database {
  prepare(sql: string): Statement
  close(): void
}

interface Opened {
  readonly database: Database
  /** Changes with every commit of another connection, whichever process it is in (sqlite.org/pragma.html#pragma_data_version). */
  readonly version: Statement
}

const mostRows = 1000

/**
 * A second connection to the embedded store that only reads: what every request asks for (who is it?) neither waits for
 * the one connection that writes nor pays for a query builder. A row is kept until anybody commits anything, so an
 * answer is never older than the question.
 */
export class SqliteLookup {
  #opened: Opened | undefined
  #version: unknown
  readonly #statements = new Map<string, Statement>()
  readonly #rows = new Map<string, unknown>()

  constructor(private readonly file: string) {}

  /** The first row, frozen. @throws SQLITE_BUSY for a moment while another process recovers the log */
  first(sql: string, bindings: readonly (string | number)[]): unknown {
    const { database, version } = this.#open()
    const current = version.get()
    if (current !== this.#version || this.#rows.size >= mostRows) {
      this.#rows.clear()
      this.#version = current
    }
    const key = JSON.stringify([sql, bindings])
    const known = this.#rows.get(key)
    if (known !== undefined) return known
    const statement = this.#statements.get(sql) ?? database.prepare(sql)
    this.#statements.set(sql, statement)
    const row = Object.freeze(statement.get(...bindings))
    this.#rows.set(key, row)
    return row
  }

  close(): void {
    this.#statements.clear()
    this.#rows.clear()
    this.#opened?.database.close()
    this.#opened = undefined
  }

  #open(): Opened {
    if (this.#opened) return this.#opened
    const Database = require('better-sqlite3') as new (file: string, options: object) => Database
    const database = new Database(this.file, { readonly: true, fileMustExist: true, timeout: 0 })
    this.#opened = { database, version: database.prepare('pragma data_version').pluck() }
    return this.#opened
  }
}
