import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { isAsGiven } from './as-given.js'
import { type DiskFile, readDisk } from './disk.js'

describe('a file that a package brought', () => {
  let directory: string
  let path: (name: string) => string
  before(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-given-`)
    path = name => `${directory}/${name}`
    const hash = createHash('md5').update('given\n').digest('hex')
    writeFileSync(
      path('status'),
      `Package: web\nConffiles:\n ${path('default')} ${hash}\n ${path('default.old')} ${'0'.repeat(32)} obsolete\nVersion: 1\n`,
    )
  })
  beforeEach(() => writeFileSync(path('default'), 'given\n'))
  after(() => rmSync(directory, { recursive: true }))

  const given = async (name: string) =>
    isAsGiven(path(name), (await readDisk(path(name), { links: true })) as DiskFile, path('status'))

  it('is nobody’s while it is as it came, also by the link that enables it', async () => {
    expect(await given('default')).to.equal(true)
    symlinkSync(path('default'), path('enabled'))
    symlinkSync('default', path('relative'))
    expect([await given('enabled'), await given('relative')]).to.deep.equal([true, true])
  })

  it('is somebody’s once it was edited, or its link leads elsewhere', async () => {
    writeFileSync(path('default'), 'given\nand edited\n')
    expect([await given('default'), await given('enabled')]).to.deep.equal([false, false])
    writeFileSync(path('own'), 'given\n')
    symlinkSync(path('own'), path('elsewhere'))
    symlinkSync(path('nothing'), path('dangling'))
    expect(await Promise.all(['own', 'elsewhere', 'dangling'].map(given))).to.deep.equal([false, false, false])
  })

  it('cannot be told where no package manager says so', async () => {
    const disk = (await readDisk(path('default'))) as DiskFile
    expect(isAsGiven(path('default'), disk, path('missing'))).to.equal(false)
  })
})
