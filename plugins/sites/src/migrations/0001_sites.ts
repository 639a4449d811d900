import type { Knex } from '@nusantara/sdk'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('sites_sites', table => {
    table.text('id').primary()
    table.text('tenant').notNullable().unique()
    table.text('account_id').notNullable()
    table.text('domain').notNullable()
    table.text('state').notNullable()
    table.integer('suspended').notNullable().defaultTo(0)
    table.text('spec').notNullable()
    table.text('created_at').notNullable()
    table.text('updated_at').notNullable()
    table.index(['domain', 'id'], 'sites_sites_domain')
    table.index(['created_at', 'id'], 'sites_sites_created')
  })
  // One row a name: its primary key is what keeps two sites from claiming one name, however concurrently they try.
  await knex.schema.createTable('sites_names', table => {
    table.text('name').primary()
    table.text('site_id').notNullable().references('id').inTable('sites_sites').onDelete('CASCADE')
    table.text('job_id')
    table.index(['site_id'], 'sites_names_site')
  })
  await knex.schema.createTable('sites_base', table => {
    table.text('name').primary()
    table.text('hash').notNullable()
    table.text('applied_at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('sites_base')
  await knex.schema.dropTable('sites_names')
  await knex.schema.dropTable('sites_sites')
}
