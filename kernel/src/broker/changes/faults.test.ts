import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import type { Step } from './deps.js'
import { type Bench, bench, openBench, vhost } from './testing/bench.test.js'
import { type Doom, harness } from './testing/kill.test.js'

const steps: readonly (readonly [Step, number])[] = [
  ['prepared', 1],
  ['checked', 1],
  ['opened', 1],
  ['written', 1],
  ['renaming', 1],
  ['renaming', 2],
  ['renaming', 3],
  ['renaming', 4],
  ['renamed', 1],
  ['reloaded', 1],
  ['probed', 1],
  ['closed', 1],
]

function killedAt(doom: Doom): Promise<NodeJS.Signals | null> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [harness, JSON.stringify(doom)], { stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('exit', (_, signal) => resolve(signal))
  })
}

/** Contents without revisions: those of the service's own file differ from batch to batch. */
const contents = (web: Bench) =>
  Object.fromEntries(Object.entries(web.files()).filter(([name]) => !name.startsWith('00-')))

describe('a broker killed while it changes configuration', function () {
  this.timeout(60_000)
  let web: Bench
  let old: Record<string, string>
  before(async () => {
    web = await bench()
    await web.apply('site1')
    await web.apply('site3')
    old = contents(web)
    await web.release()
  })
  after(() => web.remove())

  for (const [step, nth] of steps)
    it(`leaves the old files or the new when killed at '${step}' (${nth})`, async () => {
      const doom = { home: web.home, step, nth, changeId: `k-${step}-${nth}` }
      expect(await killedAt(doom)).to.equal('SIGKILL')
      web = await openBench(web.home)
      const now = contents(web)
      const described = await web.changes.describe({ ...web.origin, changeId: doom.changeId })
      if (step === 'closed') {
        expect(described?.state).to.equal('applied')
        expect(Object.keys(now).sort()).to.deep.equal(['a-site1.conf', 'a-site2.conf'])
        expect(now['a-site1.conf']).to.contain('client_max_body_size 2m;')
      } else {
        expect(now).to.deep.equal(old)
        expect(described?.state ?? 'failed').to.equal('failed')
      }
      // Nothing lies about, nothing is open, and what is served fits the files.
      expect(readdirSync(web.sites).filter(name => name.startsWith('.'))).to.deep.equal([])
      expect((await web.changes.drift(web.origin)).files).to.deep.equal([])
      const revision = /return 200 ([0-9a-f]{16})/.exec(web.files()['a-site1.conf'] ?? '')?.[1]
      const until = Date.now() + 5000
      while ((await web.ask('site1')) !== revision && Date.now() < until);
      expect(await web.ask('site1')).to.equal(revision)
      // The same attempt may run again: nobody was told an outcome.
      if (step !== 'closed') {
        const result = await web.apply(
          'site1',
          { files: { vhost: vhost('site1', { size: '2m' }) } },
          { changeId: doom.changeId },
        )
        expect(result.state).to.equal('applied')
        await web.changes.revert({ ...web.origin, changeId: doom.changeId, revertId: `${doom.changeId}-r`, attempt: 1 })
        expect(contents(web)).to.deep.equal(old)
      }
      await web.release()
    })
})

describe('changes on a broken disk', function () {
  this.timeout(60_000)
  const mounted: string[] = []
  const homes: Bench['home'][] = []
  after(() => {
    for (const directory of mounted) execFileSync('umount', ['-l', directory])
    for (const home of homes) home.remove()
  })

  /** An 8 MiB file system of its own; needs root. */
  function small(directory: string): void {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0755', 'none', directory])
    mounted.push(directory)
  }

  function fill(directory: string): void {
    for (const size of [65536, 4096]) {
      try {
        for (let index = 0; ; index++) writeFileSync(`${directory}/fill-${size}-${index}`, Buffer.alloc(size))
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).to.equal('ENOSPC')
      }
    }
  }

  async function refused(promise: Promise<unknown>): Promise<Problem> {
    return promise.then(
      () => {
        throw new Error('was applied')
      },
      error => error,
    )
  }

  it('keeps the old configuration when the disk of the files is full', async () => {
    const web = await bench()
    homes.push(web.home)
    try {
      const { etc } = web.home.config.roots
      const conf = readFileSync(`${etc}/web/nginx.conf`)
      small(`${etc}/web`)
      mkdirSync(web.sites)
      writeFileSync(`${etc}/web/nginx.conf`, conf)
      await web.apply('site1')
      const before = web.files()
      fill(`${etc}/web`)
      expect(await refused(web.apply('site2'))).to.include({ code: 'write_failed' })
      expect(await refused(web.apply('site1', { files: { vhost: vhost('site1', { size: '2m' }) } }))).to.include({
        code: 'write_failed',
      })
      expect(web.files()).to.deep.equal(before)
      expect(await web.ask('site1')).to.match(/^[0-9a-f]{16}$/)
    } finally {
      await web.remove().catch(() => {})
    }
  })

  it('begins nothing when the disk of the broker is full', async () => {
    const web = await bench()
    homes.push(web.home)
    const { state } = web.home.config.roots
    await web.release()
    small(`${state}/changes`)
    // Whichever was opened last knows the service and ends it, also when an expectation fails.
    let last = await openBench(web.home)
    try {
      await last.apply('site1')
      const before = last.files()
      fill(`${state}/changes`)
      expect((await refused(last.apply('site2'))).code).to.be.oneOf(['write_failed', 'journal_full'])
      expect(last.files()).to.deep.equal(before)
      last = await last.reopen()
      expect(last.files()).to.deep.equal(before)
      expect((await last.changes.drift(last.origin)).files).to.deep.equal([])
    } finally {
      await last.services.stopAll()
      await last.release()
    }
  })

  it('takes back what it cannot record as done', async () => {
    const web = await bench()
    homes.push(web.home)
    const { state } = web.home.config.roots
    await web.release()
    small(`${state}/changes`)
    let filling = false
    let last = await openBench(web.home, {
      onStep: step => {
        if (!filling || step !== 'probed') return
        filling = false
        // Not even what is set aside for the end of a batch.
        rmSync(`${state}/changes/reserve`)
        fill(`${state}/changes`)
      },
    })
    try {
      await last.apply('site1')
      const before = contents(last)
      filling = true
      // So many that the record of their end needs room of its own.
      const many = Array.from({ length: 30 }, (_, index) => refused(last.apply(`site${index + 2}`)))
      for (const { code } of await Promise.all(many)) expect(code).to.equal('journal_full')
      expect(contents(last)).to.deep.equal(before)
      expect(await last.ask('site1')).to.match(/^[0-9a-f]{16}$/)
      for (const name of readdirSync(`${state}/changes`).filter(each => each.startsWith('fill-')))
        rmSync(`${state}/changes/${name}`)
      expect((await last.apply('site2')).state).to.equal('applied')
      last = await last.reopen()
      expect((await last.changes.drift(last.origin)).files).to.deep.equal([])
      expect(Object.keys(contents(last)).sort()).to.deep.equal(['a-site1.conf', 'a-site2.conf'])
    } finally {
      await last.services.stopAll()
      await last.release()
    }
  })

  it('keeps the old configuration on a read-only file system', async () => {
    const web = await bench()
    homes.push(web.home)
    const { etc } = web.home.config.roots
    try {
      const conf = readFileSync(`${etc}/web/nginx.conf`)
      small(`${etc}/web`)
      mkdirSync(web.sites)
      writeFileSync(`${etc}/web/nginx.conf`, conf)
      await web.apply('site1')
      const before = web.files()
      execFileSync('mount', ['-o', 'remount,ro', `${etc}/web`])
      const problem = await refused(web.apply('site2'))
      expect(problem.code).to.equal('write_failed')
      expect(problem.params.cause).to.match(/EROFS/)
      expect(web.files()).to.deep.equal(before)
    } finally {
      await web.remove().catch(() => {})
    }
  })
})
