import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { Remembered } from './remembered.js'

describe('remembered answers of the package manager', () => {
  let root: string
  let asked: number
  beforeEach(() => {
    root = mkdtempSync(`${tmpdir()}/nusa-remembered-`)
    mkdirSync(`${root}/var/lib/dpkg`, { recursive: true })
    writeFileSync(`${root}/var/lib/dpkg/status`, 'one')
    asked = 0
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('hold until something that they stand on changes, or they are forgotten', async () => {
    const remembered = new Remembered(root)
    const ask = () => remembered.answer('what', async () => ++asked)
    expect([await ask(), await ask()]).to.deep.equal([1, 1])
    writeFileSync(`${root}/var/lib/dpkg/status`, 'other')
    expect([await ask(), await ask()]).to.deep.equal([2, 2])
    remembered.forget()
    expect(await ask()).to.equal(3)
    expect(await remembered.answer('something else', async () => 'else')).to.equal('else')
  })

  it('do not hold a failure', async () => {
    const remembered = new Remembered(root)
    const failing = () =>
      remembered.answer('what', async () => {
        asked++
        throw new Error('no')
      })
    for (const _ of [1, 2]) await failing().catch(() => undefined)
    expect(asked).to.equal(2)
  })
})
