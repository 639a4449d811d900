import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootStack, install, packageUnderTest } from './server/installed.js'
import { type Administrator, panelUrl, signIn } from './server/panel.js'
import { Prober } from './server/prober.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'
import { breakModule, previousPackage, variant } from './server/variants.js'

const sites = ['http://static.example.test/', 'http://php.example.test/']
const panel = 'nusantara-panel'

describe(`An upgrade on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator

  before(async () => {
    server = await bootStack()
    await install(server, await previousPackage())
    admin = await signIn(server)
    await admin.createSite('static.example.test')
    await admin.createSite('php.example.test', 'php')
  })
  after(() => server.remove())

  /** Unpacks and configures while visitors come. @returns what dpkg printed */
  async function dpkg(...args: readonly string[]): Promise<string> {
    const prober = new Prober(server, sites)
    const { stdout, stderr, code } = await server.run(['dpkg', ...args], { timeout: 300 })
    const { asked, failed } = await prober.end()
    process.stdout.write(`      ${asked} requests meanwhile\n`)
    expect(failed).to.deep.equal([])
    expect(asked).to.be.greaterThan(20)
    expect(code, stdout + stderr).to.equal(0)
    return stdout
  }

  async function upgradeTo(file: string): Promise<string> {
    await server.put(file, '/root/next.deb')
    return dpkg('--install', '/root/next.deb')
  }

  async function expectRunning(version: string): Promise<void> {
    expect((await server.fetch(`${panelUrl}/healthz`)).status).to.equal(200)
    expect(await server.ok(['nusa', '--version'])).to.equal(`${version}\n`)
    expect((await admin.site('php.example.test')).tenant).to.match(/^s/)
    expect((await admin.client.get('/auth/session')).status).to.equal(200)
    expect(await server.ok(['systemctl', '--failed', '--no-legend'])).to.equal('')
  }

  const underTest = async () => (await server.ok(['dpkg-query', '--show', '--showformat=${Version}', panel])).trim()

  it('from the previous commit keeps state and sessions, and no visitor of a site notices', async () => {
    const printed = await upgradeTo(packageUnderTest())
    const version = await underTest()
    expect(printed).to.include(`Nusantara Panel runs version ${version}`)
    await expectRunning(version)
    // Nobody could start the previous version while its state was kept.
    for (const socket of ['nusantara-panel.socket', 'nusantara-panel-cli.socket', 'nusantara-broker.socket']) {
      const left = ['systemctl', 'show', '--property=InactiveEnterTimestampMonotonic', '--value', socket]
      expect(Number(await server.ok(left)), socket).to.be.above(0)
    }
    expect((await server.run(['ls', '/usr/lib/nusantara-panel.previous'])).code).to.not.equal(0)
  })

  it('to a version that cannot start is refused before it gets the state, and the old one runs on', async () => {
    const old = await underTest()
    const broken = await variant('1000.1', code => breakModule(join(code, 'kernel/dist/main.js')))
    const printed = await upgradeTo(broken)
    expect(printed).to.include(`stays at version ${old}`).and.include('broken on purpose')
    await expectRunning(old)
    expect(await underTest()).to.equal('1000.1')
  })

  it('survives a reboot in that state', async () => {
    await server.reboot()
    const { failed } = JSON.parse(await server.read('/var/lib/nusantara-upgrade/held.json'))
    expect(failed.version).to.equal('1000.1')
    expect((await server.fetch(`${panelUrl}/healthz`)).status).to.equal(200)
    for (const url of sites) expect((await server.fetch(url)).status, url).to.equal(200)
  })

  it('to a version whose broker does not start falls back, with the state as it was', async () => {
    const { running } = JSON.parse(await server.read('/var/lib/nusantara-upgrade/held.json'))
    const broken = await variant('1000.2', code => breakModule(join(code, 'kernel/dist/broker/main.js')))
    const printed = await upgradeTo(broken)
    expect(printed).to.include(`stays at version ${running}`).and.include('broken on purpose')
    await expectRunning(running)
  })

  it('that is killed in its middle goes on when dpkg is told to', async () => {
    await server.put(await variant('1000.3'), '/root/next.deb')
    await server.ok(['dpkg', '--unpack', '/root/next.deb'], { timeout: 300 })
    const prober = new Prober(server, sites)
    const killed = server.run(['dpkg', '--configure', panel], { timeout: 300 })
    await until(
      'the new version to get the state',
      async () => (await server.run(['test', '-e', '/var/lib/nusantara-upgrade/switching.json'])).code === 0,
      120,
    )
    await server.ok(['pkill', '-KILL', '-f', 'maintainer/main.mjs configure'])
    expect((await killed).code).to.not.equal(0)
    await server.ok(['dpkg', '--configure', '--pending'], { timeout: 300 })
    expect((await prober.end()).failed).to.deep.equal([])
    await expectRunning('1000.3')
  })

  it('to a version that knows less of the state is refused by name', async () => {
    const older = await variant('1000.2.9', async code => {
      const steps = join(code, 'migrations/dist')
      const newest = (await readdir(steps))
        .filter(name => /^\d{4}_.*\.js$/.test(name))
        .sort()
        .at(-1) as string
      await rm(join(steps, newest))
    })
    await server.put(older, '/root/next.deb')
    const printed = await dpkg('--force-downgrade', '--install', '/root/next.deb')
    expect(printed).to.include('stays at version 1000.3').and.include('newer')
    await expectRunning('1000.3')
  })
})
