import type { Knex } from 'knex'

/** Who changed which configuration, when and through which job. The broker keeps the contents; its own journal is the evidence. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('changes', table => {
    table.text('id').primary()
    /** The broker's identifier. */
    table.text('change_id').notNullable().unique()
    table.text('plugin').notNullable()
    table.text('change').notNullable()
    table.text('tenant')
    table.text('state').notNullable()
    table.text('revision')
    table.integer('batch').notNullable()
    /** JSON: path, action and diff of each file; null until the broker was asked. */
    table.text('files')
    table.text('job_id')
    /** JSON: kind, id, name. */
    table.text('actor').notNullable()
    table.text('at').notNullable()
    table.text('reverts')
    table.index(['plugin'])
    table.index(['tenant'])
    table.index(['job_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('changes')
}
