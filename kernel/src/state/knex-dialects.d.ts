declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  /** The dialect class; knex publishes no types for extending it. */
  export default class BetterSqlite3Client {
    constructor(config: object)
    _query(connection: unknown, query: unknown): Promise<unknown>
  }
}
