import type { Knex } from '@nusantara/sdk'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('ssl_authorities', table => {
    table.text('id').primary()
    table.text('name').notNullable()
    table.text('directory_url').notNullable()
    table.text('ca_pem')
    table.text('eab_kid')
    table.text('created_at').notNullable()
  })
  // One account an authority; its key is among the plugin's secrets.
  await knex.schema.createTable('ssl_accounts', table => {
    table.text('authority').primary()
    table.text('account_url')
    /** RFC 7638; what a challenge is answered with. */
    table.text('thumbprint').notNullable()
    table.text('created_at').notNullable()
  })
  await knex.schema.createTable('ssl_providers', table => {
    table.text('id').primary()
    table.text('name').notNullable()
    table.text('type').notNullable()
    table.text('config').notNullable()
    table.text('created_at').notNullable()
  })
  await knex.schema.createTable('ssl_certificates', table => {
    table.text('id').primary()
    table.text('site_id').notNullable()
    table.text('kind').notNullable()
    table.text('state').notNullable()
    table.text('authority')
    table.text('names').notNullable()
    table.text('key_type').notNullable()
    table.integer('exportable').notNullable().defaultTo(0)
    table.text('order_url')
    /** DER in base64, leaf first. */
    table.text('chain')
    table.text('issuer')
    table.text('not_before')
    table.text('not_after')
    table.text('serial')
    table.text('fingerprint')
    table.text('created_at').notNullable()
    table.index(['site_id', 'created_at'], 'ssl_certificates_site')
  })
  await knex.schema.createTable('ssl_sites', table => {
    table.text('site_id').primary()
    /** What is served; null: nothing. */
    table.text('certificate_id').references('id').inTable('ssl_certificates')
    table.text('policy').notNullable()
    table.text('order')
    table.text('renew_at')
    /** `{start, end, explanation, pollAt}` of the authority's advice (RFC 9773). */
    table.text('advice')
    table.integer('failures').notNullable().defaultTo(0)
    table.text('failure')
    table.text('job_id')
    /** `{certificateId, of}`: what people were told about the certificate that is served. */
    table.text('told')
    table.text('updated_at').notNullable()
    table.index(['renew_at'], 'ssl_sites_renew')
  })
  // What counts towards an authority's rate limits.
  await knex.schema.createTable('ssl_events', table => {
    table.text('id').primary()
    table.text('authority').notNullable()
    table.text('kind').notNullable()
    table.text('names').notNullable()
    table.text('renewal')
    table.text('at').notNullable()
    table.index(['authority', 'at'], 'ssl_events_authority')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of [
    'ssl_events',
    'ssl_sites',
    'ssl_certificates',
    'ssl_providers',
    'ssl_accounts',
    'ssl_authorities',
  ])
    await knex.schema.dropTable(table)
}
