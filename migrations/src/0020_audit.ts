import type { Knex } from 'knex'

const appendOnly = ['audit_entries', 'audit_checkpoints']

export async function up(knex: Knex): Promise<void> {
  const sqlite = knex.client.config.client !== 'pg'
  // In SQLite only an INTEGER PRIMARY KEY is the row id itself; beside another key a hidden one could be replaced.
  const sequence = sqlite ? 'integer' : 'bigint'
  await knex.schema.createTable('audit_entries', table => {
    table.specificType('seq', sequence).primary()
    table.text('previous').notNullable().unique()
    table.text('hash').notNullable().unique()
    /** The canonical text that the hash covers. The columns below repeat parts of it for queries. */
    table.text('body').notNullable()
    table.text('at').notNullable()
    table.text('actor').notNullable()
    table.text('action').notNullable()
    table.text('target')
    table.text('outcome').notNullable()
    table.index(['actor'])
    table.index(['action'])
    table.index(['target'])
  })
  await knex.schema.createTable('audit_checkpoints', table => {
    table.specificType('seq', sequence).primary()
    table.text('body').notNullable()
    table.text('signature').notNullable()
  })
  await knex.schema.createTable('audit_head', table => {
    table.integer('id').primary()
    table.specificType('seq', sequence).notNullable()
    table.text('hash').notNullable()
    /** JSON: roots of the complete subtrees of the Merkle tree so far, largest first. */
    table.text('peaks').notNullable()
  })
  await knex('audit_head').insert({ id: 1, seq: 0, hash: '0'.repeat(64), peaks: '[]' })
  await (sqlite ? guardSqlite(knex) : guardPostgres(knex))
}

async function guardSqlite(knex: Knex): Promise<void> {
  for (const table of appendOnly) {
    const refuse = `begin select raise(abort, '${table} is append-only'); end`
    const taken = table === 'audit_entries' ? ' or previous = new.previous or hash = new.hash' : ''
    await knex.raw(`create trigger ${table}_update before update on ${table} ${refuse}`)
    await knex.raw(`create trigger ${table}_delete before delete on ${table} ${refuse}`)
    // INSERT OR REPLACE removes the old row without firing its delete trigger.
    await knex.raw(
      `create trigger ${table}_insert before insert on ${table}
       when exists (select 1 from ${table} where seq = new.seq${taken}) ${refuse}`,
    )
  }
  const keep = "begin select raise(abort, 'audit_head only moves forward'); end"
  await knex.raw(`create trigger audit_head_delete before delete on audit_head ${keep}`)
  await knex.raw(`create trigger audit_head_update before update on audit_head when new.seq < old.seq ${keep}`)
  await knex.raw(`create trigger audit_head_insert before insert on audit_head ${keep}`)
}

async function guardPostgres(knex: Knex): Promise<void> {
  await knex.raw(`create function audit_refuse() returns trigger language plpgsql as $$
    begin raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation'; end $$`)
  for (const table of appendOnly) {
    await knex.raw(`create trigger ${table}_change before update or delete on ${table}
      for each row execute function audit_refuse()`)
    await knex.raw(`create trigger ${table}_truncate before truncate on ${table}
      for each statement execute function audit_refuse()`)
  }
  await knex.raw(`create trigger audit_head_change before insert or delete on audit_head
    for each row execute function audit_refuse()`)
  await knex.raw(`create trigger audit_head_update before update on audit_head
    for each row when (new.seq < old.seq) execute function audit_refuse()`)
  await knex.raw(`create trigger audit_head_truncate before truncate on audit_head
    for each statement execute function audit_refuse()`)
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['audit_head', 'audit_checkpoints', 'audit_entries']) await knex.schema.dropTable(table)
  if (knex.client.config.client === 'pg') await knex.raw('drop function audit_refuse()')
}
