import { linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { StagedTree } from './staged-tree.js'

describe('a staged tree', () => {
  let directory: string
  let live: string
  let tree: StagedTree
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-stage-`)
    live = `${directory}/live`
    mkdirSync(`${live}/sites.d`, { recursive: true })
    writeFileSync(`${live}/main.conf`, `include ${live}/sites.d/*.conf;`)
    writeFileSync(`${live}/sites.d/a.conf`, 'a')
    tree = new StagedTree(live, `${directory}/stage`)
    tree.sync()
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const staged = (name: string) => `${directory}/stage/${name}`
  const inode = (path: string) => statSync(path).ino

  it('names itself where the live one is named, and shares what names nothing', () => {
    expect(readFileSync(staged('main.conf'), 'utf8')).to.equal(`include ${directory}/stage/sites.d/*.conf;`)
    expect(inode(staged('sites.d/a.conf'))).to.equal(inode(`${live}/sites.d/a.conf`))
    expect(tree.named(`error in ${staged('main.conf')}:1`)).to.equal(`error in ${live}/main.conf:1`)
  })

  it('never changes the live file by what is put into it', () => {
    tree.put(`${live}/sites.d/a.conf`, Buffer.from('b'))
    expect(readFileSync(`${live}/sites.d/a.conf`, 'utf8')).to.equal('a')
    tree.revert(`${live}/sites.d/a.conf`)
    expect(inode(staged('sites.d/a.conf'))).to.equal(inode(`${live}/sites.d/a.conf`))
  })

  it('gives a content to link only while it holds that very content', () => {
    const path = `${live}/sites.d/a.conf`
    const bytes = Buffer.from('b')
    tree.put(path, bytes)
    expect(tree.holder(path, bytes)).to.equal(staged('sites.d/a.conf'))
    expect(tree.holder(path, Buffer.from('b'))).to.equal(undefined)
    expect(tree.holder(`${live}/sites.d/other.conf`, bytes)).to.equal(undefined)
    tree.put(path, Buffer.from('c'))
    expect(tree.holder(path, bytes)).to.equal(undefined)
    tree.put(path, bytes)
    tree.revert(path)
    expect(tree.holder(path, bytes)).to.equal(undefined)
    tree.put(path, bytes)
    tree.sync()
    expect(tree.holder(path, bytes)).to.equal(undefined)
    const naming = Buffer.from(`root ${live}/x;`)
    tree.put(path, naming)
    expect(tree.holder(path, naming)).to.equal(undefined)
  })

  it('leaves a content alone that became the live file, and follows an edit of that file', () => {
    const path = `${live}/sites.d/a.conf`
    const bytes = Buffer.from('b')
    tree.put(path, bytes)
    linkSync(tree.holder(path, bytes) as string, `${live}/new`)
    renameSync(`${live}/new`, path)
    tree.sync()
    expect(inode(staged('sites.d/a.conf'))).to.equal(inode(path))
    rmSync(path)
    writeFileSync(path, 'edited')
    tree.sync()
    expect(readFileSync(staged('sites.d/a.conf'), 'utf8')).to.equal('edited')
    rmSync(path)
    tree.sync()
    expect(() => statSync(staged('sites.d/a.conf'))).to.throw(/ENOENT/)
  })
})
