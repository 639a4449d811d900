import { mkdirSync, readdirSync } from 'node:fs'
import type { Privileges } from '@nusantara/sdk'
import { Problem } from '@nusantara/sdk/problem'
import { expect } from 'chai'
import { type Bench, bench, manifest } from './testing/bench.test.js'

const pools: Privileges = {
  ...manifest(),
  files: {
    ...manifest().files,
    pool: {
      path: ['${etc}/pools/', { param: 'wave' }, '.conf'],
      format: 'opaque',
      owner: 'root',
      mode: '0644',
      maxBytes: 100,
    },
  },
  services: {
    ...manifest().services,
    pool: {
      unit: ['pool-', { param: 'wave' }, '.service'],
      verbs: ['status'],
      check: { bin: '/usr/bin/grep', argv: ['-q', 'good', ['${etc}', '/pools/', { param: 'wave' }, '.conf']] },
      sandbox: { bin: '/usr/bin/sleep', argv: ['1000'] },
    },
  },
  changes: {
    ...manifest().changes,
    pool: { files: ['pool'], service: 'pool', probe: { kind: 'active', for: '1s' }, ensure: 'follow' },
  },
}

describe('a service that follows its files', function () {
  this.timeout(30_000)
  let web: Bench
  let count = 0
  before(async () => {
    web = await bench({ privileges: pools })
    mkdirSync(`${web.home.config.roots.etc}/pools`, { mode: 0o755 })
  })
  after(() => web.remove())

  const pool = (wave: string, opaque: string | null) =>
    web.changes.apply({
      ...web.origin,
      change: 'pool',
      params: { wave },
      files: { pool: opaque === null ? null : { opaque } },
      changeId: `p${count++}`,
      attempt: 1,
    })
  const status = (wave: string) => web.services.status({ plugin: 'web', service: 'pool', params: { wave } })

  it('is started with the first file, restarted with another content and stopped with the last file', async () => {
    await pool('a', 'good\n')
    const first = await status('a')
    expect(first.active).to.equal(true)
    expect((await status('b')).active).to.equal(false)
    await pool('a', 'good as new\n')
    const second = await status('a')
    expect(second.active).to.equal(true)
    expect(second.pid).not.to.equal(first.pid)
    await pool('a', null)
    expect((await status('a')).active).to.equal(false)
    expect(readdirSync(`${web.home.config.roots.etc}/pools`)).to.deep.equal([])
  })

  it('is not started on a file that fails the check of the staged content', async () => {
    const failure = await pool('b', 'bad\n').then(
      () => null,
      error => error as Problem,
    )
    expect(failure).to.be.instanceOf(Problem)
    expect(failure?.code).to.equal('check_failed')
    expect((await status('b')).active).to.equal(false)
    expect(readdirSync(`${web.home.config.roots.etc}/pools`)).to.deep.equal([])
  })

  it('runs again when the removal is taken back', async () => {
    await pool('c', 'good\n')
    const removal = `p${count}`
    await pool('c', null)
    await web.changes.revert({ ...web.origin, changeId: removal, revertId: 'again', attempt: 1 })
    expect((await status('c')).active).to.equal(true)
    expect((await web.changes.drift(web.origin)).files).to.deep.equal([])
  })
})
