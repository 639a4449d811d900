import type { Knex } from 'knex'

/** Events in the order their transactions committed, and how far each plugin has read. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('outbox_head', table => {
    table.integer('id').primary()
    table.bigInteger('seq').notNullable()
  })
  await knex('outbox_head').insert({ id: 1, seq: 0 })
  await knex.schema.createTable('outbox', table => {
    table.bigInteger('seq').primary()
    table.text('id').notNullable()
    table.text('event').notNullable()
    table.text('payload').notNullable()
    table.text('at').notNullable()
  })
  await knex.schema.createTable('outbox_cursors', table => {
    table.text('plugin').primary()
    table.bigInteger('seq').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['outbox_cursors', 'outbox', 'outbox_head']) await knex.schema.dropTable(table)
}
