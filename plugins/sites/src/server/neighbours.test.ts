import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { otherPanels, otherServers } from './neighbours.js'

describe('neighbours on the host', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'nusa-neighbours-'))
  })
  afterEach(() => rm(root, { recursive: true }))

  it('are none on a fresh one', async () => {
    expect(await otherPanels(root)).to.include({ name: 'sites.panels', status: 'ok' })
    expect(await otherServers(root)).to.include({ name: 'sites.servers', status: 'ok' })
  })

  it('are named, with what to do about them', async () => {
    await mkdir(join(root, 'usr/local/hestia'), { recursive: true })
    await mkdir(join(root, 'opt/1panel'), { recursive: true })
    const wants = join(root, 'etc/systemd/system/multi-user.target.wants')
    await mkdir(wants, { recursive: true })
    // It leads nowhere here, as a unit of a removed package does.
    await symlink('/lib/systemd/system/apache2.service', join(wants, 'apache2.service'))
    const panels = await otherPanels(root)
    expect([panels.status, panels.detail?.params]).to.deep.equal(['degraded', { names: '1Panel, HestiaCP' }])
    const servers = await otherServers(root)
    expect([servers.status, servers.remedy?.params]).to.deep.equal([
      'degraded',
      { names: 'Apache', command: 'systemctl disable --now apache2.service' },
    ])
  })
})
