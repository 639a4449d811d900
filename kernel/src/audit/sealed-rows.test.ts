import { readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { TestClock } from '../auth/testing.js'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { canonical, entryHash } from './canonical.js'
import type { EntryRow } from './chain.js'
import type { SegmentRow } from './segment.js'
import { actor, auditParts, exported, record, refusal, unguard } from './testing.js'

const day = 86_400_000

describeState('removal of sealed rows', stores => {
  let state: State
  let parts: ReturnType<typeof auditParts>
  let clock: TestClock

  beforeEach(async () => {
    state = await stores.open()
    clock = new TestClock()
    parts = auditParts(state, stores.config(), clock)
  })

  const directory = () => join(stores.config().home, 'audit-segments')
  const sealOld = async () => {
    clock.advance(day)
    return parts.sealing.seal(new Date(clock.now().getTime() - day / 2), actor)
  }
  /** Nothing is old: only what an earlier sealing left is finished. */
  const finish = () => parts.sealing.seal(new Date(0), actor)
  const inTable = async (): Promise<number[]> =>
    (await state.knex('audit_entries').orderBy('seq').select('seq')).map(row => Number(row.seq))
  const oldRows = (last: number): Promise<EntryRow[]> => state.knex('audit_entries').where('seq', '<=', last)
  /** Six entries, the first five sealed, and their rows back in the table as a killed sealing leaves them. */
  const leaveRows = async (): Promise<{ file: string; rows: readonly EntryRow[] }> => {
    await record(parts.log, 6)
    const rows = await oldRows(5)
    const [segment] = await sealOld()
    await unguard(state)
    await state.knex('audit_entries').insert(rows)
    return { file: String(segment?.file), rows }
  }
  const forge = async (changes: Partial<SegmentRow>) => {
    const [first, last] = await state.knex('audit_entries').whereIn('seq', [1, 5]).orderBy('seq')
    const columns = { first: 1, last: 5, previous: first.previous, hash: last.hash, file: 'forged', header: '{}' }
    await state.knex('audit_segments').insert({ ...columns, ...changes })
  }

  it('removes what a killed sealing left, when nothing else is old', async () => {
    await leaveRows()
    expect(await finish()).to.deep.equal([])
    expect(await inTable()).to.deep.equal([6, 7])
    expect(await parts.log.verify()).to.include({ ok: true, entries: 7 })
  })

  it('keeps the rows that an unsigned record names', async () => {
    await record(parts.log, 6)
    await forge({})
    expect(await refusal(finish())).to.match(/audit_broken.*1/)
    expect(await refusal(sealOld())).to.match(/audit_broken.*1/)
    expect(await inTable()).to.deep.equal([1, 2, 3, 4, 5, 6])
  })

  it('keeps the rows that a record with another segment’s header names', async () => {
    const { file } = await leaveRows()
    const { header } = await state.knex('audit_segments').first('header')
    await state.knex('audit_segments').where({ file }).delete()
    await forge({ file, header, last: 6, hash: (await state.knex('audit_entries').where({ seq: 6 }).first()).hash })
    expect(await refusal(finish())).to.match(/audit_broken.*1/)
    expect(await inTable()).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
  })

  it('keeps the rows when the file is missing, and goes on when it is back', async () => {
    const { file } = await leaveRows()
    const path = join(directory(), file)
    await rename(path, `${path}.away`)
    expect(await refusal(finish())).to.match(/audit_broken.*1/)
    expect(await refusal(sealOld())).to.match(/audit_broken.*1/)
    expect(await inTable()).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
    await rename(`${path}.away`, path)
    await finish()
    expect(await inTable()).to.deep.equal([6, 7])
  })

  it('keeps the rows when the file was changed', async () => {
    const { file } = await leaveRows()
    const path = join(directory(), file)
    const [header, ...lines] = gunzipSync(await readFile(path))
      .toString()
      .split('\n')
    await writeFile(path, gzipSync([header, ...lines.slice(0, 3), ''].join('\n')))
    expect(await refusal(finish())).to.match(/audit_broken/)
    expect(await inTable()).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
  })

  const edits: Readonly<Record<string, (row: EntryRow) => Partial<EntryRow>>> = {
    'text and hash': row => {
      const body = canonical({ ...JSON.parse(row.body), target: 'thing:9' })
      return { body, target: 'thing:9', hash: entryHash(row.previous, body) }
    },
    'text alone': row => ({ body: canonical({ ...JSON.parse(row.body), target: 'thing:9' }), target: 'thing:9' }),
    'a column': () => ({ actor: 'somebody-else' }),
  }
  for (const [what, edit] of Object.entries(edits)) {
    it(`refuses, and keeps, a row that differs from its copy in ${what}`, async () => {
      const { file, rows } = await leaveRows()
      await state
        .knex('audit_entries')
        .where({ seq: 3 })
        .update(edit(rows[2] as EntryRow))
      expect((await parts.log.verify()).problems).to.deep.equal([{ seq: 3, problem: 'sealed', segment: file }])
      expect(await refusal(finish())).to.match(/audit_broken.*3/)
      expect(await inTable()).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
    })
  }

  it('keeps a file whose record somebody took away or renamed', async () => {
    await record(parts.log, 6)
    const file = String((await sealOld())[0]?.file)
    await utimes(join(directory(), file), new Date(0), new Date(0))
    await unguard(state)
    const kept = await state.knex('audit_segments').first()
    await state.knex('audit_segments').update({ file: 'renamed' })
    expect(await refusal(sealOld())).to.match(/audit_broken/)
    await state.knex('audit_segments').delete()
    expect(await refusal(sealOld())).to.match(/audit_broken/)
    expect(await readdir(directory())).to.deep.equal([file])
    await state.knex('audit_segments').insert(kept)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 7 })
  })

  describe('when the answer to the commit is lost', () => {
    /** As a connection that ends between the commit and its answer. */
    const loseAnswer = (then: () => Promise<unknown> = async () => undefined) => {
      const transaction = state.transaction.bind(state)
      state.transaction = async run => {
        const answer = await transaction(run)
        if (!(await state.knex('audit_segments').first('file'))) return answer
        state.transaction = transaction
        await then()
        throw new Error('connection lost')
      }
    }

    it('goes on as if it had come', async () => {
      await record(parts.log, 6)
      loseAnswer()
      const [segment] = await sealOld()
      expect(await readdir(directory())).to.deep.equal([segment?.file])
      expect(await inTable()).to.deep.equal([6, 7])
      expect(await parts.log.verify()).to.include({ ok: true, entries: 7, segments: 1 })
      expect((await exported(parts.log)).map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
    })

    it('leaves everything when the store cannot be asked, and the next sealing finishes', async () => {
      await record(parts.log, 6)
      loseAnswer(() => state.knex.schema.renameTable('audit_segments', 'away'))
      expect(await refusal(sealOld())).to.equal('connection lost')
      await state.knex.schema.renameTable('away', 'audit_segments')
      expect(await inTable()).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
      expect(await parts.log.verify()).to.include({ ok: true, entries: 7, segments: 1 })
      await finish()
      expect(await inTable()).to.deep.equal([6, 7])
      expect(await parts.log.verify()).to.include({ ok: true, entries: 7, segments: 1 })
    })
  })
})
