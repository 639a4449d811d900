import type { Knex } from 'knex'

/** What a schedule does in words, and who may see it besides administrators. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('schedules', table => {
    /** JSON: code and params */
    table.text('title')
    table.text('resource_id')
    table.text('permission')
  })
  // From here on a problem with its parameters.
  await knex('schedules').update({ last_problem: null })
}

export async function down(knex: Knex): Promise<void> {
  await knex('schedules').update({ last_problem: null })
  await knex.schema.alterTable('schedules', table => {
    table.dropColumns('title', 'resource_id', 'permission')
  })
}
