import type { Knex } from 'knex'

/** What lets old things be found without reading everything. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jobs', table => {
    /** when its log and plan were dropped while something still names it */
    table.text('trimmed_at')
    table.index(['state', 'finished_at'])
  })
  await knex.schema.alterTable('notifications', table => {
    table.index(['updated_at'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('notifications', table => {
    table.dropIndex(['updated_at'])
  })
  await knex.schema.alterTable('jobs', table => {
    table.dropIndex(['state', 'finished_at'])
    table.dropColumn('trimmed_at')
  })
}
