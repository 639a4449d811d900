import type { Knex } from 'knex'

/** Values a plugin's administrator (or account) chose; `account_id` is empty for the server's own. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('settings', table => {
    table.text('plugin').notNullable()
    table.text('account_id').notNullable()
    table.integer('version').notNullable()
    table.text('values').notNullable()
    table.text('changed_at').notNullable()
    table.primary(['plugin', 'account_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('settings')
}
