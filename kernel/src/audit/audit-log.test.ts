import { expect } from 'chai'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { until } from '../testing/until.js'
import type { AuditFilter } from './audit-log.js'
import { entryHash } from './canonical.js'
import { actor, auditParts, exported, record, refusal } from './testing.js'

describeState('audit log', stores => {
  let state: State
  let parts: ReturnType<typeof auditParts>

  beforeEach(async () => {
    state = await stores.open()
    parts = auditParts(state, stores.config())
  })

  it('chains entries and finds nothing wrong with them', async () => {
    await record(parts.log, 5)
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
    await record(parts.log, 1)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 1 })
    expect(heard).to.deep.equal([1])
  })

  it('refuses update, delete, replacement and emptying', async () => {
    await record(parts.log, 3)
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
    await record(parts.log, 2)
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
    await record(parts.log, 5)
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

  it('signs by itself after a thousand entries, and what is left at a clean stop', async () => {
    const signed = async () => (await state.knex('audit_checkpoints').max({ seq: 'seq' }).first())?.seq
    const { checkpoints } = parts
    checkpoints.start()
    await record(parts.log, 999)
    expect(await signed()).to.equal(null)
    await record(parts.log, 1)
    await until(async () => Number(await signed()) === 1000)
    await record(parts.log, 1)
    await checkpoints.stop()
    expect(Number(await signed())).to.equal(1001)
  }).timeout(60_000)

  it('compares with the witness and notes its head in checkpoints', async () => {
    let seq = 7
    const head = () => ({ seq, hash: 'h', root: 'r', signature: 's', publicKey: 'p', at: new Date().toISOString() })
    parts.witnesses.use({
      head: async () => head(),
      verify: async () => ({ ok: true, entries: seq, problems: [], head: head(), limits: [] }),
    })
    await record(parts.log, 2)
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

  it('finds an area by its name, a person with their tokens, a plugin and root; a list and an export alike', async () => {
    const at = new Date().toISOString()
    const person = { password_hash: 'x', password_changed_at: at, locale: 'en', created_at: at }
    for (const name of ['Wati', 'wahyu'])
      await state
        .knex('users')
        .insert({ id: `id-${name}`, username: name, username_key: name.toLowerCase(), ...person })
    const token = { id: 'id-ci', user_id: 'id-Wati', name: 'CI', hash: 'h', permissions: '[]', created_at: at }
    await state.knex('api_tokens').insert(token)
    const by = (kind: 'user' | 'token' | 'cli', id: string, name: string) => ({ ...actor, kind, id, name })
    const wati = by('user', 'id-Wati', 'Wati')
    const entries = [
      [wati, 'jobs'],
      [wati, 'jobs.cancel'],
      [wati, 'jobsite.open'],
      [by('token', 'id-ci', 'Wati/ci'), 'jobs.retry'],
      [by('user', 'id-wahyu', 'wahyu'), 'jobs.cancel'],
      [by('cli', 'cli', 'root'), 'a%b.c'],
      [actor, 'a_b.c'],
    ] as const
    for (const [who, action] of entries) await parts.log.record({ actor: who, action, outcome: 'success' })
    const found = async (filter: AuditFilter) => {
      const listed = (await parts.log.list(filter, { limit: 50 })).items.map(({ seq }) => seq).reverse()
      expect(
        (await exported(parts.log, filter)).map(({ seq }) => seq),
        JSON.stringify(filter),
      ).to.deep.equal(listed)
      return listed
    }
    expect(await found({ action: 'jobs' })).to.deep.equal([1, 2, 4, 5])
    expect(await found({ action: 'jobs.cancel' })).to.deep.equal([2, 5])
    expect(await found({ action: 'a%b' })).to.deep.equal([6])
    expect(await found({ action: 'a_b' })).to.deep.equal([7])
    expect(await found({ actor: 'wati' })).to.deep.equal([1, 2, 3, 4])
    expect(await found({ actor: 'wati/ci' })).to.deep.equal([4])
    expect(await found({ actor: 'id-Wati', action: 'jobs' })).to.deep.equal([1, 2])
    expect(await found({ actor: 'root' })).to.deep.equal([6])
    expect(await found({ actor: 'test' })).to.deep.equal([7])
    expect(await found({ actor: 'nobody' })).to.deep.equal([])
  })
})
