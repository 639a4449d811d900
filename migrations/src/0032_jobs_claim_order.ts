import type { Knex } from 'knex'

/** The order in which queued jobs are claimed, so that taking the next few of many does not sort them all. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index jobs_claim_order on jobs (host_id, state, cancel_requested desc, id)')
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index jobs_claim_order')
}
