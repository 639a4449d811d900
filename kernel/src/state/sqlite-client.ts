import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import BetterSqlite3Client from 'knex/lib/dialects/better-sqlite3/index.js'
import { isBusy } from './busy.js'
import { StateBusy } from './errors.js'

const giveUpAfterSeconds = 45

interface SqliteConnection {
  readonly inTransaction: boolean
}

const keptStatements = 400
const dataStatement = /^\s*(?:select|insert|update|delete|with)\b/i

/**
 * Keeps prepared statements by their text: preparing is the dearest part of a small query. Anything that is not data
 * (schema, pragmas) empties the cache, because a kept statement remembers the columns it was prepared with.
 */
function cachePrepared(connection: { prepare(sql: string): unknown }): void {
  const prepare = connection.prepare.bind(connection)
  const kept = new Map<string, unknown>()
  connection.prepare = sql => {
    if (!dataStatement.test(sql)) {
      if (!/^\s*(?:begin|commit|rollback|savepoint|release)\b/i.test(sql)) kept.clear()
      return prepare(sql)
    }
    const statement = kept.get(sql) ?? prepare(sql)
    kept.delete(sql)
    kept.set(sql, statement)
    if (kept.size > keptStatements) kept.delete(kept.keys().next().value as string)
    return statement
  }
}

interface SqliteQuery {
  sql: string
}

/**
 * knex's better-sqlite3 dialect with two changes. Transactions begin IMMEDIATE, so that a lock is met at their start and
 * never in their middle. The database's own busy handler is off, because it would block the event loop for its whole
 * wait; a busy statement is tried again from here, asynchronously.
 */
export class SqliteClient extends BetterSqlite3Client {
  override async _query(connection: SqliteConnection, query: SqliteQuery): Promise<unknown> {
    if (/^BEGIN;?$/.test(query.sql)) query.sql = 'BEGIN IMMEDIATE;'
    const deadline = performance.now() + giveUpAfterSeconds * 1000
    for (let pause = 2; ; pause = Math.min(pause * 2, 200)) {
      try {
        return await super._query(connection, query)
      } catch (error) {
        if (!isBusy(error) || connection.inTransaction) throw error
        if (performance.now() > deadline) throw StateBusy({ seconds: giveUpAfterSeconds }, { cause: error })
        await delay(pause)
      }
    }
  }
}

export function sqliteKnexConfig(filename: string): Knex.Config {
  return {
    client: SqliteClient as unknown as typeof Knex.Client,
    connection: { filename },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate(
        connection: { pragma(text: string): unknown; prepare(sql: string): unknown },
        done: (error: Error | null, connection: unknown) => void,
      ) {
        for (const pragma of [
          'busy_timeout = 0',
          'journal_mode = WAL',
          'synchronous = FULL',
          'foreign_keys = ON',
          // REPLACE fires DELETE triggers only with these on, and the audit's triggers depend on it.
          'recursive_triggers = ON',
          'trusted_schema = OFF',
        ]) {
          connection.pragma(pragma)
        }
        cachePrepared(connection)
        done(null, connection)
      },
    },
    acquireConnectionTimeout: 60_000,
  }
}
