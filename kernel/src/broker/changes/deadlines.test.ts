import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { until } from '../testing/until.js'
import { Deadlines } from './deadlines.js'
import { Ledger } from './ledger.js'
import type { ChangeRecord } from './records.js'

const change = (changeId: string) => ({ changeId, deadline: new Date(0).toISOString() }) as ChangeRecord
const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

describe('deadlines that are let go of', () => {
  it('wait for the change that is being taken back, and do not try again when that fails', async () => {
    const begun: string[] = []
    let fail: (error: Error) => void = () => {}
    const deadlines = new Deadlines(
      () => new Date(),
      ({ changeId }) => {
        begun.push(changeId)
        return new Promise((_, reject) => {
          fail = reject
        })
      },
    )
    deadlines.arm(change('c1'))
    await until(() => begun.length === 1, 'the end of the time')
    let closed = false
    const closing = deadlines.close().then(() => {
      closed = true
    })
    await new Promise(resolve => setImmediate(resolve))
    expect(closed).to.equal(false)
    const before = timers()
    fail(new Error('the disk is full'))
    await closing
    deadlines.arm(change('c2'))
    expect(timers()).to.equal(before)
    expect(begun).to.deep.equal(['c1'])
  })
})

describe('a ledger that was shut', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-ledger-`)
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('writes what it took before, and refuses what comes after', async () => {
    const ledger = await Ledger.load(directory)
    const early = ledger.note({ made: ['/a'] })
    await ledger.shut()
    await early
    const next = await Ledger.load(directory)
    await next.note({ made: ['/b'] })
    const text = readFileSync(`${directory}/ledger`, 'utf8')
    expect(await ledger.note({ made: ['/c'] }).catch((error: Error) => error.message)).to.match(/closed/)
    expect(readFileSync(`${directory}/ledger`, 'utf8')).to.equal(text)
    await next.shut()
    expect([...(await Ledger.load(directory)).made]).to.deep.equal(['/a', '/b'])
  })
})
