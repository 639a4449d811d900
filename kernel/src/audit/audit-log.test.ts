import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemActor } from '@nusantara/sdk'
import { expect } from 'chai'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { canonical, entryHash } from './canonical.js'
import type { Checkpoint } from './checkpoint.js'
import { auditParts, exported } from './testing.js'

const actor = systemActor('test')

async function refusal(run: PromiseLike<unknown>): Promise<string> {
  try {
    await run
  } catch (error) {
    return (error as Error).message
  }
  return 'not refused'
}

describeState('audit log', stores => {
  let state: State
  let parts: ReturnType<typeof auditParts>

  beforeEach(async () => {
    state = await stores.open()
    parts = auditParts(state, stores.config())
  })

  const record = async (count: number) => {
    for (let index = 1; index <= count; index++) {
      await parts.log.record({
        actor,
        action: 'test.act',
        target: `thing:${index}`,
        params: { index },
        outcome: 'success',
      })
    }
  }

  it('chains entries and finds nothing wrong with them', async () => {
    await record(5)
    const report = await parts.log.verify()
    expect(report).to.include({ ok: true, entries: 5 })
    expect(report.head?.seq).to.equal(5)
    expect(report.limits.map(limit => limit.code)).to.include('audit.limit.unsigned_tail')
  })

  it('keeps one unforked chain under concurrent writers', async () => {
    const second = auditParts(await stores.reopen(), stores.config())
    const writers = Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? parts : second).log.record({ actor, action: 'test.race', params: { index }, outcome: 'success' }),
    )
    await Promise.all(writers)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 40 })
  })

  it('belongs to its transaction: a rollback leaves no entry and tells no listener', async () => {
    const heard: number[] = []
    parts.log.onRecorded(entry => heard.push(entry.seq))
    const failed = state.transaction(async trx => {
      await parts.log.append(trx, { actor, action: 'test.undone', outcome: 'success' })
      throw new Error('undone')
    })
    expect(await refusal(failed)).to.equal('undone')
    await record(1)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 1 })
    expect(heard).to.deep.equal([1])
  })

  it('refuses update, delete, replacement and emptying', async () => {
    await record(3)
    await parts.log.checkpoint()
    const { knex } = state
    const row = await knex('audit_entries').where({ seq: 2 }).first()
    const attempts: PromiseLike<unknown>[] = [
      knex('audit_entries').where({ seq: 2 }).update({ body: '{}' }),
      knex('audit_entries').where({ seq: 2 }).delete(),
      knex('audit_head').delete(),
      knex('audit_head').update({ seq: 1 }),
      knex('audit_checkpoints').delete(),
      knex('audit_checkpoints').update({ signature: '' }),
    ]
    if (stores.dialect === 'sqlite') {
      const values = ['x', 'y', '{}', row.at, 'a', 'b', 'success']
      const replace = 'insert or replace into audit_entries (seq, previous, hash, body, at, actor, action, outcome)'
      attempts.push(
        knex.raw(`${replace} values (2, ?, ?, ?, ?, ?, ?, ?)`, values),
        knex.raw(`${replace} values (9, ?, ?, ?, ?, ?, ?, ?)`, [row.previous, ...values.slice(1)]),
        knex.raw(`${replace} values (9, 'z', ?, ?, ?, ?, ?, ?)`, [row.hash, ...values.slice(2)]),
        knex.raw(
          'insert or replace into audit_entries (rowid, seq, previous, hash, body, at, actor, action, outcome) values (2, 2, ?, ?, ?, ?, ?, ?, ?)',
          values,
        ),
        knex.raw("insert or replace into audit_head (id, seq, hash, peaks) values (1, 0, '', '[]')"),
        knex.raw("insert or replace into audit_checkpoints (seq, body, signature) values (3, '{}', '')"),
      )
    } else {
      attempts.push(
        knex.raw('truncate audit_entries'),
        knex.raw('truncate audit_head'),
        knex.raw('truncate audit_checkpoints'),
        knex.raw("insert into audit_head values (1, 0, '', '[]') on conflict (id) do update set seq = 0"),
      )
    }
    for (const attempt of attempts) expect(await refusal(attempt)).to.match(/append-only|only moves forward/)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 3 })
  })

  it('refuses a second entry after the same one', async () => {
    await record(2)
    const row = await state.knex('audit_entries').where({ seq: 2 }).first()
    expect(await refusal(state.knex('audit_entries').insert({ ...row, seq: 3, hash: 'f' }))).to.match(
      /append-only|unique/i,
    )
  })

  it('keeps secrets out', async () => {
    const params = {
      password: 'hunter2hunter2',
      nested: [{ apiKey: 'k-77' }],
      note: 'nusa_abcdefghijklmnopqrstuv',
      result: { $reveal: 'r-88' },
      code: '123456',
    }
    await parts.log.record({ actor, action: 'test.secret', params, outcome: 'success' })
    const { body } = await state.knex('audit_entries').first()
    expect(body).to.not.match(/hunter2|k-77|nusa_abc|r-88|123456/)
    expect(JSON.parse(body).params).to.have.keys(['password', 'nested', 'note', 'result', 'code'])
  })

  it('pages, filters and exports what verifies elsewhere', async () => {
    await record(5)
    const first = await parts.log.list({ action: 'test.act' }, { limit: 2 })
    expect(first.items.map(item => item.seq)).to.deep.equal([5, 4])
    const second = await parts.log.list({ action: 'test.act' }, { limit: 2, cursor: Number(first.nextCursor) })
    expect(second.items.map(item => item.seq)).to.deep.equal([3, 2])
    expect((await parts.log.list({ target: 'thing:4' }, { limit: 9 })).items).to.have.length(1)
    let previous = '0'.repeat(64)
    for (const entry of await exported(parts.log)) {
      expect(entry.previous).to.equal(previous)
      expect(entryHash(previous, entry.body)).to.equal(entry.hash)
      previous = entry.hash
    }
  })

  describe('with somebody who owns the store', () => {
    /** What a forger does first: takes the triggers away. */
    const unguard = async () => {
      if (stores.dialect === 'postgres') {
        for (const table of ['audit_entries', 'audit_checkpoints', 'audit_head']) {
          await state.knex.raw(`alter table ${table} disable trigger all`)
        }
        return
      }
      const triggers: { name: string }[] = await state.knex('sqlite_master').where({ type: 'trigger' }).select('name')
      for (const { name } of triggers) await state.knex.raw(`drop trigger ${name}`)
    }
    const found = async () => (await parts.log.verify()).problems.map(each => each.problem)
    const entries = () => state.knex('audit_entries')

    beforeEach(async () => {
      await record(6)
      await parts.log.checkpoint()
      await record(2)
      await unguard()
    })

    /** Rewrites every hash, the head and its tree from `from` on, so that the chain itself is in order again. */
    const reseal = async () => {
      const rows: { seq: number; body: string }[] = await entries().orderBy('seq')
      await entries().delete()
      await state.knex('audit_head').update({ seq: 0, hash: '0'.repeat(64), peaks: '[]' })
      for (const [index, row] of rows.entries()) {
        const body = JSON.parse(row.body)
        await parts.log.record({
          actor,
          action: body.action,
          target: body.target,
          params: index === 2 ? {} : body.params,
          outcome: 'success',
        })
      }
    }

    it('sees an edited text', async () => {
      const row = await entries().where({ seq: 3 }).first()
      await entries()
        .where({ seq: 3 })
        .update({ body: row.body.replace('thing:3', 'thing:7') })
      expect(await found()).to.include('altered')
    })

    it('sees an edited column', async () => {
      await entries().where({ seq: 3 }).update({ actor: 'somebody-else' })
      expect(await found()).to.deep.equal(['columns'])
    })

    it('sees an edited text whose own hash was computed again', async () => {
      const row = await entries().where({ seq: 3 }).first()
      const body = canonical({ ...JSON.parse(row.body), params: {} })
      await entries()
        .where({ seq: 3 })
        .update({ body, hash: entryHash(row.previous, body) })
      expect(await found()).to.include('chain')
    })

    it('sees a deleted entry', async () => {
      await entries().where({ seq: 4 }).delete()
      expect(await found()).to.include.members(['missing', 'chain'])
    })

    it('sees an inserted entry', async () => {
      const row = await entries().where({ seq: 8 }).first()
      const body = canonical({ ...JSON.parse(row.body), seq: 9 })
      await entries().insert({ ...row, seq: 9, previous: row.hash, body, hash: entryHash(row.hash, body) })
      expect(await found()).to.deep.equal(['head'])
    })

    it('sees an entry that was put between two others', async () => {
      for (const seq of [8, 7, 6, 5, 4])
        await entries()
          .where({ seq })
          .update({ seq: seq + 1 })
      const before = await entries().where({ seq: 3 }).first()
      const after = await entries().where({ seq: 5 }).first()
      const body = canonical({ ...JSON.parse(before.body), seq: 4 })
      await entries().where({ seq: 5 }).update({ previous: 'x' })
      await entries().insert({
        ...before,
        seq: 4,
        previous: after.previous,
        body,
        hash: entryHash(after.previous, body),
      })
      expect(await found()).to.include.members(['chain', 'altered', 'checkpoint'])
    })

    it('sees two entries that changed places', async () => {
      await entries().where({ seq: 3 }).update({ seq: 99 })
      await entries().where({ seq: 4 }).update({ seq: 3 })
      await entries().where({ seq: 99 }).update({ seq: 4 })
      expect(await found()).to.include('chain')
    })

    it('sees a cut tail', async () => {
      await entries().where('seq', '>', 7).delete()
      expect(await found()).to.deep.equal(['truncated'])
    })

    it('sees a cut tail with the head row moved back, by the signed checkpoint', async () => {
      const last = await entries().where({ seq: 5 }).first()
      await entries().where('seq', '>', 5).delete()
      await state.knex('audit_head').update({ seq: 5, hash: last.hash })
      expect(await found()).to.include('truncated')
      await state.knex('audit_checkpoints').delete()
      expect(await found(), 'by the file beside the store').to.include('truncated')
    })

    it('sees a resealed log, by the checkpoint in the file when those in the store are gone', async () => {
      await reseal()
      expect(await found()).to.include('checkpoint')
      await state.knex('audit_checkpoints').delete()
      expect(await found()).to.deep.equal(['checkpoint'])
    })

    it('sees a resealed log by a checkpoint kept elsewhere when all others are gone', async () => {
      const elsewhere = await parts.checkpoints.kept()
      await reseal()
      await state.knex('audit_checkpoints').delete()
      await rm(parts.checkpoints.file)
      expect((await parts.log.verify()).ok, 'cannot be seen from inside').to.equal(true)
      expect((await parts.log.verify()).limits.map(limit => limit.code)).to.include('audit.limit.no_outside_checkpoint')
      const report = await parts.log.verify(elsewhere ?? undefined)
      expect(report.problems.map(each => each.problem)).to.deep.equal(['checkpoint'])
    })

    it('signs no checkpoint over a resealed log, nor when the checkpoints in the store are gone', async () => {
      await reseal()
      expect(await refusal(parts.log.checkpoint())).to.match(/audit_broken/)
      await state.knex('audit_checkpoints').delete()
      expect(await refusal(parts.log.checkpoint()), 'by the file').to.match(/audit_broken/)
      expect(await found()).to.deep.equal(['checkpoint'])
    })

    it('sees by a checkpoint kept elsewhere that the key was replaced with the whole log', async () => {
      const elsewhere = await parts.checkpoints.kept()
      await reseal()
      await state.knex('audit_checkpoints').delete()
      for (const file of ['audit-key', 'audit-checkpoint.json']) await rm(join(stores.config().home, file))
      parts = auditParts(state, stores.config())
      await parts.log.checkpoint()
      expect(await found(), 'cannot be seen from inside').to.deep.equal([])
      const report = await parts.log.verify(elsewhere ?? undefined)
      expect(report.problems.map(each => each.problem)).to.deep.equal(['key', 'checkpoint'])
    })

    it('believes no checkpoint from elsewhere that is not what was signed', async () => {
      const elsewhere = (await parts.checkpoints.kept()) as Checkpoint
      const report = await parts.log.verify({ ...elsewhere, seq: 5 })
      expect(report.problems).to.deep.equal([{ seq: 5, problem: 'signature' }])
    })

    it('sees a checkpoint that somebody else signed', async () => {
      const { body } = await state.knex('audit_checkpoints').first()
      await state.knex('audit_checkpoints').update({ body: canonical({ ...JSON.parse(body), root: 'a'.repeat(64) }) })
      expect(await found()).to.deep.equal(['signature'])
    })
  })

  it('compares with the witness and notes its head in checkpoints', async () => {
    let seq = 7
    const head = () => ({ seq, hash: 'h', root: 'r', signature: 's', publicKey: 'p', at: new Date().toISOString() })
    parts.witnesses.use({
      head: async () => head(),
      verify: async () => ({ ok: true, entries: seq, problems: [], head: head(), limits: [] }),
    })
    await record(2)
    expect((await parts.log.checkpoint())?.broker?.seq).to.equal(7)
    expect(await parts.log.verify()).to.include({ ok: true })
    seq = 3
    expect((await parts.log.verify()).problems).to.deep.equal([{ seq: 4, problem: 'broker' }])
    parts.witnesses.use({
      head: async () => head(),
      verify: async () => {
        throw new Error('the broker is gone')
      },
    })
    const report = await parts.log.verify()
    expect(report.ok).to.equal(true)
    expect(report.limits.map(limit => limit.code)).to.include('audit.limit.no_broker')
  })
})
