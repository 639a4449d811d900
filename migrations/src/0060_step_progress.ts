import type { Knex } from 'knex'

/** How far a step was when it last said so, for who opens the job later. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('job_steps', table => {
    /** 0 to 1 */
    table.double('progress')
    table.text('progress_message')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('job_steps', table => {
    table.dropColumns('progress', 'progress_message')
  })
}
