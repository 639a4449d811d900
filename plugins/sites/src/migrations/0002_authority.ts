import type { Knex } from '@nusantara/sdk'

const columns = [
  'suspended_by',
  'suspended_at',
  'suspended_reason',
  'target_by',
  'creating_job',
  'deleting_job',
] as const

/** Who suspended a site and who chose its proxy target; which job holds a site in the state it passes through. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('sites_sites', table => {
    for (const column of columns) table.text(column)
  })
  // Nobody wrote down who suspended these: the stricter reading, which an administrator can lift.
  await knex('sites_sites')
    .where({ suspended: 1 })
    .update({ suspended_by: 'administrator', suspended_at: knex.ref('updated_at') })
  await knex('sites_sites')
    .where({ state: 'pending' })
    .update({ creating_job: newestJob(knex, 'sites.create') })
  await knex('sites_sites')
    .where({ state: 'deleting' })
    .update({ state: 'active', deleting_job: newestJob(knex, 'sites.delete') })
}

export async function down(knex: Knex): Promise<void> {
  await knex('sites_sites').whereNotNull('deleting_job').update({ state: 'deleting' })
  // One statement a column: the schema builder would copy the SQLite table, and dropping the old one takes the names along.
  for (const column of columns) await knex.raw('alter table sites_sites drop column ??', [column])
}

function newestJob(knex: Knex, type: string): Knex.QueryBuilder {
  return knex('jobs').max('id').where({ type }).whereRaw('resource_id = sites_sites.id')
}
