import type { Knex } from 'knex'

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('roles', table => {
    table.text('id').primary()
    table.text('name').notNullable().unique()
    table.text('description').notNullable().defaultTo('')
    table.integer('built_in').notNullable().defaultTo(0)
    /** JSON list of permission names; those of built-in roles are computed. */
    table.text('permissions').notNullable()
    table.text('updated_at').notNullable()
  })
  await knex.schema.createTable('user_roles', table => {
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE')
    table.text('role_id').notNullable().references('roles.id')
    table.primary(['user_id', 'role_id'])
    table.index(['role_id'])
  })
  await knex.schema.createTable('accounts', table => {
    table.text('id').primary()
    table.text('name').notNullable().unique()
    table.text('created_at').notNullable()
  })
  await knex.schema.createTable('account_members', table => {
    table.text('account_id').notNullable().references('accounts.id').onDelete('CASCADE')
    table.text('user_id').notNullable().references('users.id').onDelete('CASCADE')
    table.primary(['account_id', 'user_id'])
    table.index(['user_id'])
  })
  await knex.schema.createTable('resources', table => {
    table.text('id').primary()
    table.text('type').notNullable()
    table.text('account_id').notNullable().references('accounts.id')
    table.text('parent_id').references('resources.id')
    table.text('created_at').notNullable()
    table.index(['account_id', 'type'])
    table.index(['parent_id'])
  })
  const at = new Date().toISOString()
  await knex('roles').insert([
    { id: 'admin', name: 'admin', built_in: 1, permissions: '["*"]', updated_at: at },
    { id: 'user', name: 'user', built_in: 1, permissions: '[]', updated_at: at },
  ])
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['resources', 'account_members', 'accounts', 'user_roles', 'roles']) {
    await knex.schema.dropTable(table)
  }
}
