import type { Knex } from 'knex'

/** The page of the shell where what a notification speaks of is looked at. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('notifications', table => {
    table.text('link')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('notifications', table => {
    table.dropColumn('link')
  })
}
