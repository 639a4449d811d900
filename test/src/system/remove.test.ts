import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled, packageFile } from './server/installed.js'
import { type Administrator, signIn } from './server/panel.js'
import type { Server } from './server/server.js'

const sites = ['http://static.example.test/', 'http://php.example.test/']

describe(`Removing the package on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator

  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
    await admin.createSite('static.example.test')
    await admin.createSite('php.example.test', 'php')
  })
  after(() => server.remove())

  async function expectSites(): Promise<void> {
    for (const url of sites) expect((await server.fetch(url)).status, url).to.equal(200)
  }

  /** Whatever on the file systems of the server has a name of ours, or an owner that is gone. */
  async function found(): Promise<string[]> {
    const listed = await server.ok(
      [
        ...['find', '/etc', '/usr', '/var', '/srv', '/run', '/home', '/opt', '/tmp', '-xdev', '('],
        ...['-iname', '*nusa*', '-o', '-nouser', '-o', '-nogroup', ')'],
        ...['-not', '-path', '/var/lib/dpkg/*', '-not', '-path', '/var/cache/apt/*', '-print'],
      ],
      { timeout: 120 },
    )
    return listed.split('\n').filter(Boolean).sort()
  }

  const units = async () => {
    const listed = await server.ok(['systemctl', 'list-units', '--all', '--plain', '--no-legend', '*nusantara*'])
    return listed.split('\n').map(line => line.split(' ')[0] as string)
  }

  it('keeps sites answering, over a reboot too', async () => {
    await server.ok(['apt-get', 'remove', '--yes', 'nusantara-panel'], { timeout: 300 })
    await expectSites()
    expect(await units()).to.not.include.members(['nusantara-panel.service'])
    await server.reboot()
    await expectSites()
    expect((await server.run(['systemctl', '--failed', '--no-legend'])).stdout).to.equal('')
  })

  it('is taken back by installing it again: sites, accounts and units are as before', async () => {
    await server.ok(['apt-get', 'install', '--yes', packageFile], { timeout: 300 })
    await expectSites()
    expect((await admin.client.get('/auth/session')).status).to.equal(200)
    const local = await server.ok(['find', '/etc/systemd/system', '-type', 'f', '-name', '*nusantara*'])
    expect(local).to.equal('')
  })

  it('and purging it says what goes and what stays, and sites go on, over a reboot too', async () => {
    const printed = await server.ok(['apt-get', 'purge', '--yes', 'nusantara-panel'], { timeout: 300 })
    for (const path of ['/var/lib/nusantara', '/etc/nusantara', '/srv/www/s', '/etc/nginx/nusantara.d'])
      expect(printed).to.include(`${path}`)
    await expectSites()
    await server.reboot()
    await expectSites()
    for (const path of ['/var/lib/nusantara', '/etc/nusantara', '/usr/lib/nusantara-panel', '/usr/bin/nusa'])
      expect((await server.run(['test', '-e', path])).code, path).to.not.equal(0)
    expect(await found()).to.not.be.empty
    for (const path of await found()) {
      const said = printed
        .split('\n')
        .some(line => line.trim() !== '' && path.startsWith(line.trim().split(', ').at(-1) as string))
      const link = path.startsWith('/etc/systemd/system/') || path.startsWith('/run/')
      expect(said || link, path).to.equal(true)
    }
  })
})
