import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { TestClock } from '../auth/testing.js'
import type { State } from '../state/state.js'
import { describeState } from '../testing/state.js'
import { until } from '../testing/until.js'
import { canonical, entryHash } from './canonical.js'
import { actor, auditParts, exported, fillLog, record, refusal, unguard } from './testing.js'

const fixture = fileURLToPath(new URL('./sealing.fixture.js', import.meta.url))
const day = 86_400_000

describeState('audit sealing', stores => {
  let state: State
  let parts: ReturnType<typeof auditParts>
  let clock: TestClock

  beforeEach(async () => {
    state = await stores.open()
    clock = new TestClock()
    parts = auditParts(state, stores.config(), clock)
  })

  const directory = () => join(stores.config().home, 'audit-segments')
  const files = async () => (await readdir(directory())).sort()
  /** Seals all but what is recorded from now on. */
  const sealOld = async () => {
    clock.advance(day)
    return parts.sealing.seal(new Date(clock.now().getTime() - day / 2), actor)
  }
  const inTable = async (): Promise<number[]> =>
    (await state.knex('audit_entries').orderBy('seq').select('seq')).map(row => Number(row.seq))
  const found = async () => (await parts.log.verify()).problems.map(({ problem, segment }) => [problem, segment])

  it('moves old entries into a segment; the chain goes on and verifies as one', async () => {
    await record(parts.log, 6)
    const [segment, ...more] = await sealOld()
    expect(more).to.deep.equal([])
    expect(segment).to.include({ first: 1, last: 5, count: 5 })
    expect(await files()).to.deep.equal([segment?.file])
    expect(await inTable(), 'the newest old entry stays, and one tells of the sealing').to.deep.equal([6, 7])
    await record(parts.log, 2)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 9, segments: 1 })
    expect(await parts.sealing.list()).to.deep.equal([segment])
    const [sealing] = (await parts.log.list({ action: 'audit.seal' }, { limit: 9 })).items
    expect(sealing).to.deep.include({ target: segment?.file })
    expect(sealing?.params).to.deep.include({ first: 1, last: 5, root: segment?.root })
    expect(await sealOld()).to.have.length(1)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 10, segments: 2 })
  })

  it('leaves what is not old, and does nothing when nothing is', async () => {
    await record(parts.log, 3)
    clock.advance(day)
    await record(parts.log, 3)
    expect(
      (await parts.sealing.seal(new Date(clock.now().getTime() - day / 2), actor)).map(each => each.last),
    ).to.deep.equal([3])
    expect(await parts.sealing.seal(new Date(clock.now().getTime() - day / 2), actor)).to.deep.equal([])
    expect(await inTable()).to.deep.equal([4, 5, 6, 7])
  })

  it('cuts a long past into several segments', async () => {
    await fillLog(state, 10_300, () => new Date(clock.now().getTime() - 2 * day).toISOString())
    const sealed = await parts.sealing.seal(new Date(clock.now().getTime() - day), actor)
    expect(sealed.map(({ first, last }) => [first, last])).to.deep.equal([
      [1, 10_000],
      [10_001, 10_299],
    ])
    expect(await parts.log.verify()).to.include({ ok: true, entries: 10_302, segments: 2 })
  })

  it('writes a file that zcat shows: the signed header, then the entries of an export', async () => {
    await record(parts.log, 4)
    const before = (await exported(parts.log)).slice(0, 3)
    const [segment] = await sealOld()
    const [header, ...lines] = gunzipSync(await readFile(join(directory(), String(segment?.file))))
      .toString()
      .trimEnd()
      .split('\n')
    expect(JSON.parse(String(header))).to.include({ format: 'nusantara-audit-segment-1', first: 1, last: 3, count: 3 })
    expect(lines.map(line => JSON.parse(line))).to.deep.equal(before)
  })

  it('exports segments and table as one, and filters both', async () => {
    await record(parts.log, 4)
    await sealOld()
    await record(parts.log, 2, 'test.later')
    const all = await exported(parts.log)
    expect(all.map(entry => entry.seq)).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
    all.reduce((previous, entry) => {
      expect(entry.previous).to.equal(previous)
      expect(entryHash(previous, entry.body)).to.equal(entry.hash)
      return entry.hash
    }, '0'.repeat(64))
    expect((await exported(parts.log, { action: 'test.act' })).map(entry => entry.seq)).to.deep.equal([1, 2, 3, 4])
    expect((await exported(parts.log, { target: 'thing:2' })).map(entry => entry.seq)).to.deep.equal([2, 7])
    expect((await exported(parts.log, { since: clock.now().toISOString() })).map(entry => entry.seq)).to.deep.equal([
      5, 6, 7,
    ])
  })

  it('lets nobody delete what no recorded segment holds, nor write where one stands', async () => {
    await record(parts.log, 6)
    const row = await state.knex('audit_entries').where({ seq: 2 }).first()
    await sealOld()
    const { knex } = state
    const segment = await knex('audit_segments').first()
    const head = await knex('audit_entries').where({ seq: 6 }).first()
    const attempts = [
      knex('audit_entries').where({ seq: 6 }).delete(),
      knex('audit_entries').insert(row),
      knex('audit_segments').update({ last: 7 }),
      knex('audit_segments').delete(),
      // A record for entries that are not there, one that leaves some out, one for all that there is.
      knex('audit_segments').insert({ ...segment, first: 6, last: 9, previous: 'p', hash: 'h', file: 'f' }),
      knex('audit_segments').insert({ ...segment, first: 7, last: 7, previous: head.hash, hash: 'h', file: 'f' }),
      knex('audit_segments').insert({ ...segment, first: 6, last: 7, previous: head.previous, hash: 'h', file: 'f' }),
      knex('audit_segments').insert({ ...segment, last: 6 }),
      ...(stores.dialect === 'postgres'
        ? [knex.raw('truncate audit_segments')]
        : [knex.raw('insert or replace into audit_segments select * from audit_segments')]),
    ]
    for (const attempt of attempts) expect(await refusal(attempt)).to.match(/append-only|only the next entries/)
    expect(await parts.log.verify()).to.include({ ok: true, entries: 7 })
  })

  it('seals nothing of a damaged log, and signs nothing', async () => {
    await record(parts.log, 6)
    await unguard(state)
    await state.knex('audit_entries').where({ seq: 2 }).update({ actor: 'somebody-else' })
    expect(await refusal(sealOld())).to.match(/audit_broken.*2/)
    expect(await readdir(directory()).catch(() => [])).to.deep.equal([])
  })

  it('keeps the rows, and says why, when the file cannot be written', async () => {
    await record(parts.log, 3)
    const place = join(stores.config().home, 'taken')
    await writeFile(place, 'a file')
    parts = auditParts(state, { ...stores.config(), audit: { segmentDir: place } }, clock)
    expect(await refusal(sealOld())).to.match(/audit_segment_unwritable.*taken/)
    expect(await inTable()).to.deep.equal([1, 2, 3])
    expect(await parts.log.verify()).to.include({ ok: true, segments: 0 })
  })

  it('is one sealing when two processes seal at once', async () => {
    await record(parts.log, 30)
    const other = auditParts(await stores.reopen(), stores.config(), clock)
    clock.advance(day)
    const before = new Date(clock.now().getTime() - day / 2)
    const sealed = await Promise.all([parts.sealing.seal(before, actor), other.sealing.seal(before, actor)])
    const all = sealed.flat().sort((a, b) => a.first - b.first)
    expect(all[0]?.first).to.equal(1)
    expect(await files(), 'the other one’s may stay until it is old').to.include.members(all.map(({ file }) => file))
    expect(await parts.log.verify()).to.include({ ok: true, segments: all.length })
  })

  describe('killed -9', () => {
    const count = 3000
    const segmentFiles = async () => (await readdir(directory()).catch(() => [])).length
    const records = async () => Number((await state.knex('audit_segments').count({ n: '*' }).first())?.n)
    const left = async () => Number((await state.knex('audit_entries').count({ n: '*' }).first())?.n)
    const moments: Readonly<Record<string, () => Promise<boolean>>> = {
      'while it verifies': async () => true,
      'when a file appears': async () => (await segmentFiles()) > 0,
      'when a segment is recorded': async () => (await records()) > 0,
      'while rows are removed': async () => (await left()) < count - 1000,
    }
    for (const [moment, reached] of Object.entries(moments)) {
      it(`${moment}: the log verifies, and the next sealing finishes`, async function () {
        this.timeout(60_000)
        await fillLog(state, count, () => '2026-01-01T00:00:00.000Z')
        const child = spawn(
          process.execPath,
          ['--import', 'reflect-metadata', fixture, JSON.stringify(stores.config())],
          {
            stdio: 'inherit',
          },
        )
        const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
        await until(async () => child.exitCode !== null || (await reached()), 30_000)
        child.kill('SIGKILL')
        await gone
        const report = await parts.log.verify()
        expect(report.problems).to.deep.equal([])
        await parts.sealing.seal(new Date(), actor)
        const finished = await parts.log.verify()
        expect(finished.ok).to.equal(true)
        expect((await exported(parts.log)).map(entry => entry.seq)).to.deep.equal(
          Array.from({ length: finished.head?.seq ?? 0 }, (_, index) => index + 1),
        )
        expect((await inTable()).length).to.be.lessThan(10)
      })
    }
  })

  describe('interrupted', () => {
    it('after the file: the file means nothing and goes away later', async () => {
      await record(parts.log, 6)
      await unguard(state)
      if (stores.dialect === 'postgres') {
        await state.knex.raw("alter table audit_segments add constraint no check (file = '')")
      } else {
        await state.knex.raw("create trigger no before insert on audit_segments begin select raise(abort, 'no'); end")
      }
      expect(await refusal(sealOld())).to.include('no')
      const orphan = 'audit-000000000001-000000000005-0123456789ab.ndjson.gz'
      await mkdir(directory(), { recursive: true })
      await writeFile(join(directory(), orphan), 'half')
      const left = await files()
      expect(left, 'its own file means nothing either').to.have.length(2).and.include(orphan)
      expect(await parts.log.verify()).to.include({ ok: true, entries: 6 })
      await state.knex.raw(
        stores.dialect === 'postgres' ? 'alter table audit_segments drop constraint no' : 'drop trigger no',
      )
      for (const file of left) await utimes(join(directory(), file), new Date(0), new Date(0))
      const [segment] = await sealOld()
      expect(await files()).to.deep.equal([segment?.file])
    })

    it('before the rows are removed: both agree, an edit shows, and the next sealing removes them', async () => {
      await record(parts.log, 6)
      const rows = await state.knex('audit_entries').where('seq', '<=', 5)
      await sealOld()
      await unguard(state)
      await state.knex('audit_entries').insert(rows)
      expect(await parts.log.verify()).to.include({ ok: true, entries: 7 })
      expect((await exported(parts.log)).map(entry => entry.seq)).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
      const body = canonical({ ...JSON.parse(rows[2].body), target: 'thing:9' })
      await state
        .knex('audit_entries')
        .where({ seq: 3 })
        .update({ body, hash: entryHash(rows[2].previous, body) })
      expect((await parts.log.verify()).problems).to.deep.include({
        seq: 3,
        problem: 'sealed',
        segment: (await files())[0],
      })
      await state.knex('audit_entries').where({ seq: 3 }).update({ body: rows[2].body, hash: rows[2].hash })
      await parts.sealing.seal(new Date(0), actor)
      expect(await inTable()).to.deep.equal([6, 7])
    })
  })

  describe('verification names the segment that', () => {
    let first: string
    let second: string

    beforeEach(async () => {
      await record(parts.log, 6)
      first = String((await sealOld())[0]?.file)
      await record(parts.log, 6)
      second = String((await sealOld())[0]?.file)
      await record(parts.log, 1)
      await parts.log.checkpoint()
      expect(await found()).to.deep.equal([])
    })

    const path = (file: string) => join(directory(), file)
    const linesOf = async (file: string) =>
      gunzipSync(await readFile(path(file)))
        .toString()
        .trimEnd()
        .split('\n')
    const write = (file: string, lines: readonly string[]) => {
      const members = [lines.slice(0, 1), lines.slice(1)].map(part => gzipSync(part.map(line => `${line}\n`).join('')))
      return writeFile(path(file), Buffer.concat(members))
    }

    it('is missing, and only that one', async () => {
      await rm(path(first))
      expect(await found()).to.deep.equal([['segment_missing', first]])
      expect((await parts.log.verify()).problems[0]?.seq).to.equal(1)
      expect(await refusal(exported(parts.log))).to.include(first)
    })

    it('has a changed byte', async () => {
      const bytes = await readFile(path(second))
      // In the checksum: elsewhere a flipped bit can look like an early end, too.
      bytes[bytes.length - 6] = (bytes[bytes.length - 6] as number) ^ 1
      await writeFile(path(second), bytes)
      expect(await found()).to.deep.equal([['segment_edited', second]])
    })

    it('has an edited entry, with a hash that was computed again', async () => {
      const lines = await linesOf(first)
      const entry = JSON.parse(lines[3] as string)
      const body = canonical({ ...JSON.parse(entry.body), target: 'thing:9' })
      lines[3] = canonical({ ...entry, body, hash: entryHash(entry.previous, body) })
      await write(first, lines)
      expect(await found()).to.deep.equal([
        ['chain', first],
        ['segment_edited', first],
      ])
    })

    it('has entries in another order', async () => {
      const [header, a, b, ...rest] = (await linesOf(first)) as [string, string, string]
      await write(first, [header, b, a, ...rest])
      expect(await found()).to.deep.equal([['segment_order', first]])
    })

    it('lacks its end', async () => {
      await write(first, (await linesOf(first)).slice(0, -1))
      expect(await found()).to.deep.equal([['segment_truncated', first]])
      const bytes = await readFile(path(second))
      await writeFile(path(second), bytes.subarray(0, bytes.length - 40))
      expect(await found()).to.deep.include(['segment_truncated', second])
    })

    it('is something else altogether', async () => {
      await writeFile(path(first), 'not gzip')
      await write(second, [(await linesOf(second))[0] as string, 'x'.repeat(64 * 1024 * 1024)])
      expect(await found()).to.deep.equal([
        ['segment_edited', first],
        ['segment_edited', second],
      ])
      await writeFile(path(first), '')
      await rm(path(second))
      await mkdir(path(second))
      expect(await found()).to.deep.equal([
        ['segment_truncated', first],
        ['segment_missing', second],
      ])
    })

    it('stands in the place of another', async () => {
      await rename(path(first), path('x'))
      await rename(path(second), path(first))
      await rename(path('x'), path(second))
      expect(await found()).to.deep.equal([
        ['segment_order', first],
        ['segment_order', second],
      ])
    })

    it('was recorded by somebody else to be rid of entries', async () => {
      const [row] = await state.knex('audit_entries').orderBy('seq', 'desc').offset(1).limit(1)
      const start = await state.knex('audit_segments').orderBy('last', 'desc').first()
      await state.knex('audit_segments').insert({
        first: Number(start.last) + 1,
        last: row.seq,
        previous: start.hash,
        hash: row.hash,
        file: 'forged',
        header: start.header,
      })
      await state.knex('audit_entries').where('seq', '<=', row.seq).delete()
      expect(await found(), 'another segment’s signed header').to.deep.include(['segment_order', 'forged'])
      await unguard(state)
      await state.knex('audit_segments').where({ file: 'forged' }).update({ header: '{}' })
      expect(await found(), 'none').to.deep.include(['segment_signature', 'forged'])
    })

    it('lost its record', async () => {
      await unguard(state)
      await state.knex('audit_segments').where({ file: first }).delete()
      expect(await found()).to.deep.include(['missing', second])
    })
  })
})
