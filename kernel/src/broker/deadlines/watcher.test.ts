import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { allProcesses, type ProcessIdentity } from '../process-identity.js'
import { readStateFile } from '../state-file.js'
import { until } from '../testing/until.js'
import { PendingDeadlines } from './pending.js'
import { Watcher, watcherRecord } from './watcher.js'

describe('the watcher of deadlines', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-watcher-`)
  })
  afterEach(async () => {
    for (const pid of started()) process.kill(pid, 'SIGKILL')
    await until(() => started().length === 0, 'the end of the watchers')
    rmSync(directory, { recursive: true, force: true })
  })

  /** Children of this process that were given the directory of this test. */
  const started = () =>
    allProcesses()
      .filter(({ parent, state }) => parent === process.pid && state !== 'Z')
      .map(({ pid }) => pid)
      .filter(pid => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory))

  it('is one process, however many changes ask for it at once', async () => {
    const pending = new PendingDeadlines(directory)
    const command = [process.execPath, '-e', 'setInterval(() => {}, 1000)', directory] as [string, ...string[]]
    const watcher = new Watcher(pending, command, `${directory}/log`)
    const deadline = new Date(Date.now() + 600_000)
    await Promise.all(['c1', 'c2', 'c3'].map(changeId => watcher.keep(changeId, deadline)))
    await watcher.keep('c4', deadline)
    expect(pending.all().length).to.equal(4)
    expect(started()).to.deep.equal([(readStateFile(watcherRecord(pending)) as ProcessIdentity).pid])
  })

  it('is asked for again when it could not be started', async () => {
    const pending = new PendingDeadlines(directory)
    const watcher = new Watcher(pending, [`${directory}/none`], `${directory}/log`)
    for (let attempt = 0; attempt < 2; attempt++) {
      const asked = await Promise.allSettled(['c1', 'c2'].map(changeId => watcher.keep(changeId, new Date())))
      expect(asked.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    }
    expect(pending.all()).to.deep.equal([])
  })
})
