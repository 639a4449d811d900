import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { Blobs, sha256 } from './blobs.js'

describe('kept contents', () => {
  let directory: string
  let warnings: string[]
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/nusa-blobs-`)
    warnings = []
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const open = () => Blobs.open(directory, message => warnings.push(message))
  const contents = (count: number, of = 'x') =>
    Array.from({ length: count }, (_, index) => Buffer.from(`${of}${index}\n`))
  const [first, second] = contents(2) as [Buffer, Buffer]

  it('of one batch are one file, found again by the next broker', async () => {
    const many = contents(3000)
    const blobs = await open()
    await blobs.put([...many, ...many, Buffer.alloc(0)])
    expect(readdirSync(directory).length).to.equal(1)
    await blobs.put(many)
    expect(readdirSync(directory).length).to.equal(1)
    const again = await open()
    for (const bytes of [...many, Buffer.alloc(0)])
      expect((await again.get(sha256(bytes))).equals(bytes)).to.equal(true)
    expect(again.has(sha256('another'))).to.equal(false)
    expect(statSync(`${directory}/${readdirSync(directory)[0]}`).mode & 0o777).to.equal(0o600)
  })

  it('stay while somebody refers to them or a batch counts on them, and go then', async () => {
    const blobs = await open()
    const release = await blobs.put([first])
    const releaseSecond = await blobs.put([second])
    releaseSecond()
    await blobs.keep(() => new Set())
    expect([blobs.has(sha256(first)), blobs.has(sha256(second))]).to.deep.equal([true, false])
    const twice = await blobs.put([first])
    release()
    release()
    await blobs.keep(() => new Set())
    expect(blobs.has(sha256(first))).to.equal(true)
    twice()
    await blobs.keep(() => new Set([sha256(first)]))
    expect((await blobs.get(sha256(first))).equals(first)).to.equal(true)
    await blobs.keep(() => new Set())
    expect(readdirSync(directory)).to.deep.equal([])
  })

  it('that are left of a large pack move to a small one, also while they are read', async () => {
    const blobs = await open()
    const many = contents(1000)
    ;(await blobs.put(many))()
    const wanted = many.slice(0, 10)
    const reading = wanted.map(bytes => blobs.get(sha256(bytes)))
    await blobs.keep(() => new Set(wanted.map(sha256)))
    await Promise.all(reading)
    expect(readdirSync(directory).length).to.equal(1)
    expect(statSync(`${directory}/${readdirSync(directory)[0]}`).size).to.be.lessThan(2000)
    for (const bytes of wanted) expect((await blobs.get(sha256(bytes))).equals(bytes)).to.equal(true)
    expect(blobs.has(sha256(many[500] as Buffer))).to.equal(false)
  })

  it('of a damaged pack count as not kept, and a damaged content is never given out', async () => {
    let blobs = await open()
    await blobs.put([first])
    const pack = `${directory}/${readdirSync(directory)[0]}`
    truncateSync(pack, statSync(pack).size - 1)
    appendFileSync(pack, '!')
    expect(await blobs.get(sha256(first)).catch((error: Error) => error.message)).to.match(/damaged/)
    appendFileSync(pack, '!')
    writeFileSync(`${directory}/${'0'.repeat(16)}.pack`, 'no header')
    writeFileSync(`${directory}/${'1'.repeat(16)}.pack.new`, 'torn')
    blobs = await open()
    expect(blobs.has(sha256(first))).to.equal(false)
    expect(warnings.length).to.equal(2)
    expect(readdirSync(directory).some(name => name.endsWith('.new'))).to.equal(false)
  })

  it('stay where they are when one of their pack is damaged, and other packs are thinned out all the same', async () => {
    const blobs = await open()
    const many = contents(100)
    ;(await blobs.put(many))()
    const pack = `${directory}/${readdirSync(directory)[0]}`
    truncateSync(pack, statSync(pack).size - 1)
    appendFileSync(pack, '!')
    ;(await blobs.put(contents(100, 'y')))()
    const [whole, damaged] = [many[0], many[99]] as [Buffer, Buffer]
    await blobs.keep(() => new Set([sha256(whole), sha256(damaged)]))
    expect(warnings.length).to.equal(1)
    expect(warnings[0])
      .to.contain(pack)
      .and.to.match(/damaged/)
    expect((await blobs.get(sha256(whole))).equals(whole)).to.equal(true)
    expect(readdirSync(directory).map(name => `${directory}/${name}`)).to.deep.equal([pack])
  })

  it('stay when a batch puts them, or a change refers to them, while their pack is thinned out', async () => {
    const blobs = await open()
    const many = contents(1000)
    ;(await blobs.put(many))()
    const [held, referred, gone] = [many[500], many[501], many[502]] as [Buffer, Buffer, Buffer]
    const wanted = new Set([sha256(first)])
    const batch: Promise<() => void>[] = []
    await blobs.keep(() => {
      // Once it has been seen what is needed, and before that is written.
      if (!batch.length)
        queueMicrotask(() => {
          batch.push(blobs.put([held]))
          wanted.add(sha256(referred))
        })
      return new Set(wanted)
    })
    for (const bytes of [first, held, referred]) expect((await blobs.get(sha256(bytes))).equals(bytes)).to.equal(true)
    for (const release of await Promise.all(batch)) release()
    await blobs.keep(() => wanted)
    expect([held, gone].map(bytes => blobs.has(sha256(bytes)))).to.deep.equal([false, false])
    const found = await open()
    for (const bytes of [first, referred]) expect((await found.get(sha256(bytes))).equals(bytes)).to.equal(true)
  })
})
