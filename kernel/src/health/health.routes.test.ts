import { chmod } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
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
