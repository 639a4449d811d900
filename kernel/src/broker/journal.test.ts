import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { JournalFull, OperationFailed } from './errors.js'
import { seal } from './journal/entry.js'
import { MerkleTree } from './journal/merkle.js'
import { Journal, type JournalOptions } from './journal.js'
import type { JournalEntry, Origin } from './protocol.js'

const origin: Origin = { plugin: 'demo', policy: 'a'.repeat(64), actor: { kind: 'user', id: '1', name: 'ani' } }

describe('journal', () => {
  let directory: string
  let options: JournalOptions
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-journal-`)
    options = { directory: `${directory}/journal`, keyFile: `${directory}/key`, headFile: `${directory}/head` }
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const segmentFiles = () =>
    readdirSync(options.directory)
      .filter(name => name.endsWith('.ndjson'))
      .map(name => `${options.directory}/${name}`)
  const only = () => segmentFiles()[0] as string
  const stored = () => readFileSync(only(), 'utf8').trimEnd().split('\n')
  const all = async (journal: Journal) => {
    const entries: JournalEntry[] = []
    for await (const entry of journal.entries()) entries.push(entry)
    return entries
  }
  const filled = async (count: number) => {
    const journal = await Journal.open(options)
    for (let index = 0; index < count; index++) {
      const seq = await journal.intent('operation.run', origin, { index })
      await journal.result(seq, 'ok')
    }
    return journal
  }

  it('chains intent and result and finds nothing wrong with them', async () => {
    const journal = await filled(5)
    const entries = await all(journal)
    expect(entries.map(entry => [entry.seq, entry.kind, entry.of])).to.deep.equal(
      [1, 3, 5, 7, 9].flatMap(seq => [
        [seq, 'intent', undefined],
        [seq + 1, 'result', seq],
      ]),
    )
    await journal.checkpoint()
    const report = await journal.verify()
    expect(report.problems).to.deep.equal([])
    expect(report.entries).to.equal(11)
    await journal.close()
  })

  it('keeps its key and its entries readable by itself alone', async () => {
    const journal = await filled(1)
    expect(statSync(options.keyFile).mode & 0o777).to.equal(0o600)
    expect(statSync(only()).mode & 0o777).to.equal(0o600)
    await journal.close()
  })

  it('makes intents that arrive together durable with few writes', async () => {
    let syncs = 0
    const durable = {
      sync: async (file: FileHandle) => {
        syncs++
        await file.datasync()
      },
    }
    const journal = await Journal.open({ ...options, durable, checkpointEvery: 1e9 })
    const seqs = await Promise.all(Array.from({ length: 200 }, () => journal.intent('operation.run', origin, {})))
    expect(new Set(seqs).size).to.equal(200)
    expect(syncs).to.be.within(1, 3)
    expect((await all(journal)).length).to.equal(200)
    await journal.close()
  })

  it('cuts off a torn last line and goes on from the entry before it', async () => {
    await (await filled(3)).close()
    appendFileSync(only(), '{"seq":7,"at":"2026-')
    const journal = await Journal.open(options)
    expect(await journal.intent('operation.run', origin, {})).to.equal(7)
    expect((await journal.verify()).problems).to.deep.equal([])
    await journal.close()
  })

  it('survives the loss of any number of bytes at the end', async () => {
    await (await filled(3)).close()
    const whole = readFileSync(only())
    for (let cut = 1; cut < 400; cut += 7) {
      writeFileSync(only(), whole.subarray(0, whole.length - cut))
      const journal = await Journal.open(options)
      await journal.intent('operation.run', origin, { cut })
      expect((await journal.verify()).problems, `cut ${cut}`).to.deep.equal([])
      await journal.close()
    }
  })

  it('lists intents without a result after a restart', async () => {
    const before = await filled(2)
    const seq = await before.intent('operation.run', origin, {})
    await before.close()
    const journal = await Journal.open(options)
    expect(journal.openIntents()).to.deep.equal([seq])
    await journal.result(seq, 'unknown')
    expect(journal.openIntents()).to.deep.equal([])
    await journal.close()
  })

  it('begins new segments and opens from the newest alone', async () => {
    const small = { ...options, segmentBytes: 2000, checkpointEvery: 7 }
    options = small
    const before = await filled(40)
    const open = await before.intent('operation.run', origin, {})
    await before.flush()
    await before.close()
    expect(segmentFiles().length).to.be.greaterThan(3)
    const journal = await Journal.open(small)
    expect(journal.openIntents()).to.deep.equal([open])
    await journal.checkpoint()
    const report = await journal.verify()
    expect(report.problems).to.deep.equal([])
    await journal.close()
  })

  it('keeps entries with line separators of Unicode whole', async () => {
    const journal = await Journal.open(options)
    await journal.intent('operation.run', origin, { text: 'a\u2028b\u2029c\u0085d' })
    await journal.close()
    const again = await Journal.open(options)
    expect((await all(again)).length).to.equal(1)
    expect((await again.verify()).ok).to.equal(true)
    await again.close()
  })

  it('leaves secrets out', async () => {
    const journal = await Journal.open(options)
    await journal.intent('operation.run', origin, {
      password: 'hunter2hunter2',
      input: 'c2VjcmV0',
      files: { key: { opaque: 'TOPSECRET' } },
      params: { dbPassword: 'p4ss' },
    })
    await journal.close()
    const text = readFileSync(only(), 'utf8')
    for (const secret of ['hunter2', 'c2VjcmV0', 'TOPSECRET', 'p4ss']) expect(text).not.to.include(secret)
  })

  it('records how work ended, by the code of its problem', async () => {
    const journal = await Journal.open(options)
    await journal.around('operation.run', origin, {}, async () => 1)
    const failing = journal.around('operation.run', origin, {}, async () => {
      throw OperationFailed({ operation: 'x', exitCode: 1, output: '' })
    })
    expect(await failing.catch(error => error.code)).to.equal('operation_failed')
    expect((await all(journal)).filter(entry => entry.kind === 'result').map(entry => entry.outcome)).to.deep.equal([
      'ok',
      'operation_failed',
    ])
    await journal.close()
  })

  describe('forged', () => {
    const forge = async (change: (lines: string[]) => string[]) => {
      const journal = await filled(6)
      const checkpoint = await journal.checkpoint()
      writeFileSync(only(), `${change(stored()).join('\n')}\n`)
      const report = await journal.verify(checkpoint)
      await journal.close()
      return report
    }
    const edit = (lines: string[], index: number) =>
      lines.with(index, (lines[index] as string).replace('"ani"', '"eve"'))

    it('an edited entry shows', async () => {
      const report = await forge(lines => edit(lines, 4))
      expect(report.ok).to.equal(false)
      expect(report.problems[0]).to.deep.equal({ seq: 5, problem: 'the line is damaged or was edited' })
    })
    it('a deleted entry shows', async () => expect((await forge(lines => lines.toSpliced(4, 1))).ok).to.equal(false))
    it('an inserted entry shows', async () =>
      expect((await forge(lines => lines.toSpliced(4, 0, lines[3] as string))).ok).to.equal(false))
    it('a reordered pair shows', async () =>
      expect((await forge(lines => lines.with(2, lines[3] as string).with(3, lines[2] as string))).ok).to.equal(false))
    it('a cut tail shows', async () => expect((await forge(lines => lines.slice(0, 5))).ok).to.equal(false))

    it('a chain sealed again from the edit on shows by its checkpoint', async () => {
      const report = await forge(lines => {
        let previous = ''
        return edit(lines, 4).map(line => {
          const { hash: _, ...entry } = JSON.parse(line) as JournalEntry
          const sealed = seal({ ...entry, previous: previous || entry.previous })
          previous = sealed.hash
          return sealed.line.trimEnd()
        })
      })
      expect(report.ok).to.equal(false)
    })

    it('a tail cut while the broker was stopped shows by the head kept beside it', async () => {
      const journal = await filled(6)
      await journal.checkpoint()
      await journal.close()
      writeFileSync(only(), `${stored().slice(0, 5).join('\n')}\n`)
      const again = await Journal.open(options)
      const report = await again.verify()
      expect(report.problems.map(({ problem }) => problem)).to.include(
        'head kept beside the journal: entry 12 is missing, the tail was cut off',
      )
      await again.close()
    })

    it('another key cannot vouch', async () => {
      const journal = await filled(3)
      const checkpoint = await journal.checkpoint()
      await journal.close()
      rmSync(options.keyFile)
      const again = await Journal.open(options)
      expect((await again.verify(checkpoint)).ok).to.equal(false)
      await again.close()
    })

    it('a checkpoint whose fields were changed does not pass', async () => {
      const journal = await filled(3)
      const checkpoint = await journal.checkpoint()
      expect((await journal.verify({ ...checkpoint, seq: checkpoint.seq - 1 })).ok).to.equal(false)
      expect((await journal.verify({ ...checkpoint, signature: 'AAAA' })).ok).to.equal(false)
      await journal.close()
    })
  })

  it('refuses when the disk takes nothing, and goes on with a whole chain when it does again', async () => {
    await (await filled(2)).close()
    let full = true
    const sync = async (file: FileHandle) => {
      if (full) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      await file.datasync()
    }
    const journal = await Journal.open({ ...options, durable: { sync } })
    const refused = await Promise.allSettled([1, 2, 3].map(() => journal.intent('operation.run', origin, {})))
    full = false
    for (const outcome of refused)
      expect(outcome.status === 'rejected' && JournalFull.is(outcome.reason)).to.equal(true)
    expect(await journal.intent('operation.run', origin, {})).to.equal(5)
    expect((await journal.verify()).ok).to.equal(true)
    await journal.close()
    truncateSync(only())
  })
})

describe('merkle tree', () => {
  it('has the roots of RFC 9162 test trees', () => {
    // The certificate-transparency reference test vectors, leaves given by their data.
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]
    const tree = new MerkleTree()
    for (const [index, leaf] of leaves.entries()) {
      tree.append(leaf)
      expect(tree.root(), `size ${index + 1}`).to.equal(roots[index])
      expect(new MerkleTree(tree.size, tree.frontier).root()).to.equal(tree.root())
    }
  })
})
