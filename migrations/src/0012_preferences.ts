import type { Knex } from 'knex'

/** How each person likes the panel, as JSON by name. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('preferences', table => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('CASCADE')
    table.text('name').notNullable()
    table.text('value').notNullable()
    table.primary(['user_id', 'name'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('preferences')
}
