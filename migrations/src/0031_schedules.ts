import type { Knex } from 'knex'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('schedules', table => {
    table.text('host_id').notNullable()
    table.text('owner').notNullable()
    table.text('name').notNullable()
    table.text('cron').notNullable()
    table.text('timezone').notNullable()
    table.text('missed').notNullable()
    /** runs up to this moment have happened or were given up; the next one comes after it */
    table.text('settled_until').notNullable()
    table.text('last_run_at')
    table.text('last_outcome')
    table.text('last_problem')
    table.primary(['host_id', 'owner', 'name'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('schedules')
}
