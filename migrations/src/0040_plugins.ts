import type { Knex } from 'knex'

/** Which plugins are enabled, what their privileges were when that was decided, and a generation that every process follows. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('plugins', table => {
    table.text('id').primary()
    table.integer('enabled').notNullable()
    table.text('digest')
    table.text('changed_at').notNullable()
    table.text('changed_by').notNullable()
  })
  await knex.schema.createTable('plugin_generation', table => {
    table.integer('id').primary()
    table.integer('generation').notNullable()
  })
  await knex('plugin_generation').insert({ id: 1, generation: 0 })
  await knex.schema.createTable('plugin_contributions', table => {
    table.text('hook').notNullable()
    table.text('resource').notNullable()
    table.text('plugin').notNullable()
    table.text('value').notNullable()
    table.text('kept_at').notNullable()
    table.primary(['hook', 'resource', 'plugin'])
  })
  await knex.schema.createTable('plugin_secrets', table => {
    table.text('plugin').notNullable()
    table.text('name').notNullable()
    table.text('sealed').notNullable()
    table.text('changed_at').notNullable()
    table.primary(['plugin', 'name'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['plugin_secrets', 'plugin_contributions', 'plugin_generation', 'plugins']) {
    await knex.schema.dropTable(table)
  }
}
