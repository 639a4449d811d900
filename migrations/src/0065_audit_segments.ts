import type { Knex } from 'knex'

/**
 * Segments of the audit log that were sealed into files. Once a segment is recorded, its entries may be deleted from the
 * table; nothing else may. A record is accepted only if it continues the segment before it and names entries that are there.
 */
export async function up(knex: Knex): Promise<void> {
  const sqlite = knex.client.config.client !== 'pg'
  const sequence = sqlite ? 'integer' : 'bigint'
  await knex.schema.createTable('audit_segments', table => {
    table.specificType('last', sequence).primary()
    table.specificType('first', sequence).notNullable().unique()
    /** Hash before the first entry, and of the last one. */
    table.text('previous').notNullable().unique()
    table.text('hash').notNullable().unique()
    /** Name of the file, without its directory. */
    table.text('file').notNullable().unique()
    /** The signed header, canonical JSON. */
    table.text('header').notNullable()
  })
  await (sqlite ? guardSqlite(knex) : guardPostgres(knex))
}

const sealed = '(select coalesce(max(last), 0) from audit_segments)'
const continues = `new.first = ${sealed} + 1 and new.last >= new.first
  and new.last < (select seq from audit_head)
  and new.last - new.first + 1 = (select count(*) from audit_entries where seq between new.first and new.last)
  and exists (select 1 from audit_entries where seq = new.first and previous = new.previous)
  and exists (select 1 from audit_entries where seq = new.last and hash = new.hash)`

async function guardSqlite(knex: Knex): Promise<void> {
  const refuse = (table: string) => `begin select raise(abort, '${table} is append-only'); end`
  await knex.raw(`create trigger audit_segments_update before update on audit_segments ${refuse('audit_segments')}`)
  await knex.raw(`create trigger audit_segments_delete before delete on audit_segments ${refuse('audit_segments')}`)
  await knex.raw(
    `create trigger audit_segments_insert before insert on audit_segments when not (${continues})
     begin select raise(abort, 'audit_segments takes only the next entries of the log'); end`,
  )
  await knex.raw('drop trigger audit_entries_delete')
  await knex.raw(
    `create trigger audit_entries_delete before delete on audit_entries when old.seq > ${sealed} ${refuse('audit_entries')}`,
  )
  await knex.raw(
    `create trigger audit_entries_sealed before insert on audit_entries when new.seq <= ${sealed} ${refuse('audit_entries')}`,
  )
}

async function guardPostgres(knex: Knex): Promise<void> {
  await knex.raw(`create trigger audit_segments_change before update or delete on audit_segments
    for each row execute function audit_refuse()`)
  await knex.raw(`create trigger audit_segments_truncate before truncate on audit_segments
    for each statement execute function audit_refuse()`)
  await knex.raw(`create function audit_continue() returns trigger language plpgsql as $$
    begin
      if not (${continues}) then
        raise exception 'audit_segments takes only the next entries of the log' using errcode = 'restrict_violation';
      end if;
      return new;
    end $$`)
  await knex.raw(`create trigger audit_segments_insert before insert on audit_segments
    for each row execute function audit_continue()`)
  await knex.raw(`create function audit_unsealed() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        if old.seq <= ${sealed} then return old; end if;
      elsif new.seq > ${sealed} then
        return new;
      end if;
      raise exception 'audit_entries is append-only' using errcode = 'restrict_violation';
    end $$`)
  await knex.raw('drop trigger audit_entries_change on audit_entries')
  await knex.raw(`create trigger audit_entries_change before update on audit_entries
    for each row execute function audit_refuse()`)
  await knex.raw(`create trigger audit_entries_sealed before insert or delete on audit_entries
    for each row execute function audit_unsealed()`)
}

/** Entries that were sealed stay in their files; the table has only the others. */
export async function down(knex: Knex): Promise<void> {
  if (knex.client.config.client === 'pg') {
    await knex.raw('drop trigger audit_entries_sealed on audit_entries')
    await knex.raw('drop trigger audit_entries_change on audit_entries')
    await knex.raw(`create trigger audit_entries_change before update or delete on audit_entries
      for each row execute function audit_refuse()`)
    await knex.schema.dropTable('audit_segments')
    await knex.raw('drop function audit_unsealed()')
    await knex.raw('drop function audit_continue()')
    return
  }
  await knex.raw('drop trigger audit_entries_sealed')
  await knex.raw('drop trigger audit_entries_delete')
  await knex.raw(`create trigger audit_entries_delete before delete on audit_entries
    begin select raise(abort, 'audit_entries is append-only'); end`)
  await knex.schema.dropTable('audit_segments')
}
