import type { Knex } from 'knex'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', table => {
    table.text('id').primary()
    table.text('username').notNullable()
    /** The name as it is compared: NFKC, lower case. */
    table.text('username_key').notNullable().unique()
    table.text('password_hash').notNullable()
    /** 1: shorter than what is demanded without a second factor. */
    table.integer('password_short').notNullable().defaultTo(0)
    table.text('password_changed_at').notNullable()
    table.text('locale').notNullable()
    table.integer('disabled').notNullable().defaultTo(0)
    table.text('totp_secret')
    table.text('totp_pending')
    /** Newest time step whose code was used (RFC 6238 §5.2: each code once). */
    table.integer('totp_last_step')
    table.text('created_at').notNullable()
  })
  await knex.schema.createTable('recovery_codes', table => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE')
    table.text('hash').notNullable()
    table.text('used_at')
    table.unique(['user_id', 'hash'])
  })
  await knex.schema.createTable('sessions', table => {
    table.text('id').primary()
    /** SHA-256 of the random id in the cookie. */
    table.text('secret_hash').notNullable().unique()
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE')
    table.text('assurance').notNullable()
    table.text('address').notNullable()
    table.text('user_agent').notNullable()
    table.text('created_at').notNullable()
    table.text('last_seen_at').notNullable()
    table.text('expires_at').notNullable()
    table.text('reauthenticated_at')
    table.index(['user_id'])
    table.index(['expires_at'])
  })
  await knex.schema.createTable('known_addresses', table => {
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE')
    table.text('address').notNullable()
    table.text('last_seen_at').notNullable()
    table.primary(['user_id', 'address'])
  })
  await knex.schema.createTable('api_tokens', table => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE')
    table.text('name').notNullable()
    table.text('hash').notNullable().unique()
    /** JSON list of permission names; `*` stands for every permission of low risk. */
    table.text('permissions').notNullable()
    table.text('created_at').notNullable()
    table.text('expires_at')
    table.text('last_used_at')
    table.unique(['user_id', 'name'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['api_tokens', 'known_addresses', 'sessions', 'recovery_codes', 'users']) {
    await knex.schema.dropTable(table)
  }
}
