import type { Knex } from 'knex'

/** SQLite takes at most 500 terms in the compound SELECT that knex writes for several rows. */
const rowsAtOnce = 400

/** Inserts any number of rows, in as few statements as every store takes. */
export async function insertMany(knex: Knex, table: string, rows: readonly object[]): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    await knex(table).insert(rows.slice(start, start + rowsAtOnce))
  }
}
