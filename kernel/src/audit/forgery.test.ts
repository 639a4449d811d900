import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { canonical, entryHash } from './canonical.js'
import type { Checkpoint } from './checkpoint.js'
import { actor, auditParts, record, refusal, unguard } from './testing.js'

describeState('audit log with somebody who owns the store', stores => {
  let state: State
  let parts: ReturnType<typeof auditParts>

  const found = async () => (await parts.log.verify()).problems.map(each => each.problem)
  const entries = () => state.knex('audit_entries')

  beforeEach(async () => {
    state = await stores.open()
    parts = auditParts(state, stores.config())
    await record(parts.log, 6)
    await parts.log.checkpoint()
    await record(parts.log, 2)
    await unguard(state)
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
