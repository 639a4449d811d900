import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { writePlugin } from '../plugins/plugin-fixtures.js'
import { createTestPanel } from '../testing/test-panel.js'
import type { HealthView } from './view.js'

interface Answer {
  readonly checkedAt: string
  readonly status: string
  readonly items: readonly HealthView[]
}

describe('GET /health', function () {
  this.timeout(60_000)
  let panel: TestPanel
  before(async () => {
    panel = await createTestPanel()
  })
  after(() => panel.stop())

  const examine = async () => {
    const { status, body } = await panel.as('admin').get<Answer>('/api/v1/health')
    expect(status, JSON.stringify(body)).to.equal(200)
    return body
  }
  const wrong = async () =>
    (await examine()).items.filter(({ status }) => status === 'failed').map(({ code, command }) => [code, command])

  it('is for those who may read it', async () => {
    expect((await panel.as('user').get('/api/v1/health')).status).to.equal(403)
    expect((await panel.as('nobody').get('/api/v1/health')).status).to.equal(401)
  })

  it('tells what the server is made of, to the same readers', async () => {
    const { status, body } = await panel.as('admin').get<Record<string, unknown>>('/api/v1/server')
    expect(status, JSON.stringify(body)).to.equal(200)
    expect(body).to.include.keys('hostname', 'system', 'processors', 'memory', 'disks')
    expect((await panel.as('user').get('/api/v1/server')).status).to.equal(403)
  })

  it('finds nothing broken in a fresh panel, group by group, and says when it looked', async () => {
    const { checkedAt, status, items } = await examine()
    expect(Date.now() - Date.parse(checkedAt)).to.be.within(0, 30_000)
    expect([status, await wrong()]).to.deep.equal(['warning', []])
    const groups = items.map(({ group }) => group)
    expect(groups).to.deep.equal(
      ['server', 'panel', 'security', 'work', 'plugins'].flatMap(group => groups.filter(each => each === group)),
    )
    const ids = new Set(items.map(({ id }) => id))
    for (const id of ['ports', 'units', 'disk', 'clock', 'versions', 'permissions', 'certificate', 'audit', 'drift'])
      expect(ids, id).to.include(id)
  })

  it('names a secret that others can read, with the command that mends it', async () => {
    const file = join(panel.home, 'pepper')
    for (const name of ['panel.sqlite', 'audit-key']) await chmod(join(panel.home, name), 0o600)
    await chmod(file, 0o644)
    expect(await wrong(), 'nobody passes through the directory').to.deep.equal([])
    await chmod(panel.home, 0o711)
    expect(await wrong()).to.deep.equal([['health.permissions.failed', `chmod 600 ${file}`]])
    await chmod(file, 0o600)
    await chmod(panel.home, 0o733)
    expect(await wrong()).to.deep.equal([['health.permissions.home', `chmod go-w ${panel.home}`]])
    await chmod(panel.home, 0o700)
    expect(await wrong()).to.deep.equal([])
  })

  it('names who took a port of the sites', async () => {
    const stranger = createServer()
    await new Promise<void>(resolve => stranger.listen(panel.sites.http, '127.0.0.1', resolve))
    const { items } = await examine()
    await new Promise(resolve => stranger.close(resolve))
    const taken = items.find(({ code }) => code === 'health.ports.taken')
    expect(taken?.message).to.include(`Port ${panel.sites.http}`).and.include(`pid ${process.pid}`)
    expect(taken?.command).to.equal(`systemctl status ${process.pid}`)
    expect(await wrong()).to.deep.equal([])
  })

  it('says that the broker is gone, and all that can be seen without it', async () => {
    await panel.broker?.kill()
    const { items } = await examine()
    await panel.broker?.restart()
    const codes = items.filter(({ status }) => status === 'failed').map(({ code }) => code)
    expect(codes).to.have.members(['health.broker.failed', 'health.drift.failed'])
    expect(items.map(({ id }) => id)).to.include.members(['disk', 'ports', 'certificate', 'state'])
    expect(await wrong()).to.deep.equal([])
  })
})

describe('health.check of a plugin', function () {
  this.timeout(60_000)
  let directory: string
  let panel: TestPanel
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-health-'))
    const mirror = await writePlugin(directory, {
      id: 'mirror',
      start: `
        ctx.hooks.tap(sdk.kernelHooks.health.check, () => ({ name: 'mirror.reachable', status: 'failed',
          detail: { code: 'mirror.away', params: { host: 'a.test' } }, remedy: { code: 'mirror.away.remedy' } }))`,
      locales: {
        en: { 'mirror.away': '{host} is away.', 'mirror.away.remedy': 'Wake it.' },
        id: { 'mirror.away': '{host} tidak ada.', 'mirror.away.remedy': 'Bangunkan.' },
      },
    })
    const broken = await writePlugin(directory, {
      id: 'broken',
      start: `ctx.hooks.tap(sdk.kernelHooks.health.check, () => { throw new Error('lost its way') })`,
    })
    panel = await createTestPanel({ plugins: [mirror, broken] })
  })
  after(async () => {
    await panel.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const ofPlugins = (items: readonly HealthView[]) =>
    items.filter(({ group }) => group === 'plugins').sort((a, b) => (a.id < b.id ? -1 : 1))

  it('is shown in its own words and languages; one that throws is blamed and stops nobody', async () => {
    const ask = async (language: string) =>
      (await panel.as('admin').get<Answer>('/api/v1/health', { 'accept-language': language })).body.items
    const english = await ask('en')
    expect(ofPlugins(english)).to.deep.equal([
      {
        id: 'broken.check',
        group: 'plugins',
        status: 'failed',
        code: 'health.check.broken',
        message: 'The check of plugin broken could not be made: lost its way',
        remedy: 'Disable the plugin if this goes on, and tell its authors.',
        plugin: 'broken',
      },
      {
        id: 'mirror.reachable',
        group: 'plugins',
        status: 'failed',
        code: 'mirror.away',
        message: 'a.test is away.',
        remedy: 'Wake it.',
        plugin: 'mirror',
      },
    ])
    expect(english.filter(({ status }) => status === 'failed')).to.have.length(2)
    expect(ofPlugins(await ask('id'))[1]?.message).to.equal('a.test tidak ada.')
  })

  it('reaches the command line, and makes it end with 4', async () => {
    const program = fileURLToPath(new URL('../cli/main.js', import.meta.url))
    const child = spawn(process.execPath, [program, 'doctor', '--json'], {
      env: { PATH: process.env.PATH, LANG: 'id_ID.UTF-8', NUSA_HOME: panel.home },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const code = new Promise(resolve => child.once('close', resolve))
    const checks = JSON.parse(await text(child.stdout)) as readonly HealthView[]
    expect(ofPlugins(checks).map(({ id, remedy }) => [id, remedy])).to.deep.equal([
      ['broken.check', 'Nonaktifkan plugin itu bila terus begini, dan beri tahu pembuatnya.'],
      ['mirror.reachable', 'Bangunkan.'],
    ])
    expect(await code).to.equal(4)
  })
})
