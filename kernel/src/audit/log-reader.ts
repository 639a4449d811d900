import { createRequire } from 'node:module'
import type { EntryRow } from './chain.js'
import type { Peak } from './merkle.js'
import type { SegmentRow } from './segment.js'

export interface HeadRow {
  readonly seq: number
  readonly hash: string
  readonly peaks: readonly Peak[]
}

/** Where the state is, for a thread that opens its own connection. */
export type StoreAddress = { readonly file: string } | { readonly url: string }

/** The tables of the log, read over a connection of one's own. */
export interface LogReader {
  /** Until `close`, every answer is of the moment of the first one. */
  freeze(): Promise<void>
  /** Undefined when the row is gone. */
  head(): Promise<HeadRow | undefined>
  checkpoints(): Promise<readonly { readonly seq: number; readonly body: string }[]>
  /** In the order of the log, those that end after `after`. */
  segments(after: number): Promise<readonly SegmentRow[]>
  /** In the order of the log, at most `limit` entries after `after`. */
  entries(after: number, limit: number): Promise<readonly EntryRow[]>
  close(): Promise<void>
}

export async function openLog(store: StoreAddress): Promise<LogReader> {
  return 'file' in store ? new TableReader(openSqlite(store.file)) : new TableReader(await openPostgres(store.url))
}

type Row = Readonly<Record<string, unknown>>

interface Connection {
  readonly freeze: string
  query(sql: string, bindings: readonly number[]): Promise<readonly Row[]>
  close(): Promise<void>
}

class TableReader implements LogReader {
  constructor(private readonly connection: Connection) {}

  async freeze(): Promise<void> {
    await this.connection.query(this.connection.freeze, [])
  }

  async head(): Promise<HeadRow | undefined> {
    const [row] = await this.connection.query('select seq, hash, peaks from audit_head', [])
    return row && { seq: Number(row.seq), hash: String(row.hash), peaks: parsePeaks(String(row.peaks)) }
  }

  async checkpoints() {
    const rows = await this.connection.query('select seq, body from audit_checkpoints order by seq', [])
    return rows.map(row => ({ seq: Number(row.seq), body: String(row.body) }))
  }

  async segments(after: number) {
    const rows = await this.connection.query(
      'select first, last, previous, hash, file, header from audit_segments where last > $1 order by last',
      [after],
    )
    return rows.map(row => ({ ...row, first: Number(row.first), last: Number(row.last) }) as unknown as SegmentRow)
  }

  async entries(after: number, limit: number) {
    const columns = 'seq, previous, hash, body, at, actor, action, target, outcome'
    const rows = await this.connection.query(
      `select ${columns} from audit_entries where seq > $1 order by seq limit $2`,
      [after, limit],
    )
    return rows.map(row => ({ ...row, seq: Number(row.seq) }) as unknown as EntryRow)
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}

function openSqlite(file: string): Connection {
  const require = createRequire(import.meta.url)
  const Database = require('better-sqlite3') as typeof import('better-sqlite3')
  const database = new Database(file, { readonly: true, fileMustExist: true })
  return {
    freeze: 'begin',
    async query(sql, bindings) {
      const statement = database.prepare(sql.replaceAll(/\$\d/g, '?'))
      if (statement.reader) return statement.all(...bindings) as Row[]
      statement.run()
      return []
    },
    async close() {
      database.close()
    },
  }
}

async function openPostgres(connectionString: string): Promise<Connection> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString })
  // A lost connection is met by the query that needs it.
  client.on('error', () => undefined)
  await client.connect()
  return {
    freeze: 'begin isolation level repeatable read read only',
    async query(sql, bindings) {
      return (await client.query<Row>(sql, [...bindings])).rows
    },
    close: () => client.end(),
  }
}

function parsePeaks(text: string): readonly Peak[] {
  try {
    return JSON.parse(text) as Peak[]
  } catch {
    return []
  }
}
