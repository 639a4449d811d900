import type { Knex } from 'knex'

/** Which process reads for a plugin now, and what it fails to take in. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('outbox_cursors', table => {
    table.text('holder')
    table.text('held_until')
    table.integer('failures').notNullable().defaultTo(0)
    table.text('failing_event')
    table.text('failing_since')
    table.text('failing_reason')
  })
  await knex.schema.alterTable('outbox', table => {
    table.index(['at'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('outbox', table => {
    table.dropIndex(['at'])
  })
  await knex.schema.alterTable('outbox_cursors', table => {
    table.dropColumns('holder', 'held_until', 'failures', 'failing_event', 'failing_since', 'failing_reason')
  })
}
