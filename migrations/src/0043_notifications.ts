import type { Knex } from 'knex'

/** One inbox: what plugins and the kernel have to say, to whom, and who has read it. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('notifications', table => {
    table.text('id').primary()
    table.text('plugin').notNullable()
    table.text('code').notNullable()
    table.text('params').notNullable()
    table.text('severity').notNullable()
    table.text('target_kind').notNullable()
    table.text('target_id').notNullable()
    table.text('dedupe_key')
    table.text('created_at').notNullable()
    table.text('updated_at').notNullable()
    table.unique(['plugin', 'target_kind', 'target_id', 'dedupe_key'])
    table.index(['target_kind', 'target_id', 'id'])
  })
  await knex.schema.createTable('notification_reads', table => {
    table.text('notification_id').notNullable().references('notifications.id').onDelete('CASCADE')
    table.text('reader').notNullable()
    table.text('read_at').notNullable()
    table.primary(['notification_id', 'reader'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('notification_reads')
  await knex.schema.dropTable('notifications')
}
