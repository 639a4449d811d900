import type { Knex } from 'knex'

/** What several processes of one state share for a moment. */
export async function up(knex: Knex): Promise<void> {
  /** Messages too long for a notification. */
  await knex.schema.createTable('peer_letters', table => {
    table.text('id').primary()
    table.text('body').notNullable()
    table.text('at').notNullable()
  })
  /** Passes for WebSocket handshakes; only a hash of each. */
  await knex.schema.createTable('tickets', table => {
    table.text('hash').primary()
    table.text('actor_id').notNullable()
    table.text('session_id')
    table.text('path').notNullable()
    table.text('expires_at').notNullable()
    table.index(['expires_at'])
  })
  /** Counters of attempts, in the form that rate-limiter-flexible asks for. */
  await knex.schema.createTable('rate_limits', table => {
    table.text('key').primary()
    table.integer('points').notNullable().defaultTo(0)
    table.bigInteger('expire')
    table.index(['expire'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['rate_limits', 'tickets', 'peer_letters']) await knex.schema.dropTable(table)
}
