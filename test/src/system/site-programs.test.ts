import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, type Site, signIn } from './server/panel.js'
import type { Server } from './server/server.js'
import { upload } from './server/site-files.js'
import { until } from './server/until.js'

/** Any machine counts as small, and little time as long. */
const small = `[Unit]
ConditionMemory=
[Timer]
OnActiveSec=
OnUnitInactiveSec=
OnActiveSec=2s
OnUnitInactiveSec=2s
AccuracySec=100ms
`
const rest = '/etc/systemd/system/nusantara-sites-rest.timer.d'

describe(`Programs of sites on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator
  let site: Site
  const unit = (kind: 'service' | 'socket') => `nusantara-php${debian.php}@${site.tenant}.${kind}`
  const state = async (kind: 'service' | 'socket') =>
    (await server.run(['systemctl', 'is-active', unit(kind)])).stdout.trim()
  const visit = () => server.fetch('http://php.example.test/pid.php')

  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
    site = await admin.createSite('php.example.test', 'php')
    await upload(server, site, 'pid.php', "<?php error_log('a line'); echo posix_getppid();")
  })
  after(() => server.remove())

  it('have a socket that systemd holds for the web server alone, where no site makes names', async () => {
    const directory = `/run/nusantara/services/${site.tenant}`
    const shape = (path: string) => server.ok(['stat', '--format=%U:%G %a', path])
    expect(await shape(directory)).to.equal('root:www-data 2750\n')
    expect(await shape(`${directory}/php-${debian.php}.sock`)).to.equal('root:www-data 660\n')
    expect((await visit()).status).to.equal(200)
  })

  it('start again after a crash, and after the start at a boot only when somebody comes', async () => {
    const { body: before } = await visit()
    await server.ok(['kill', '-KILL', before])
    await until('another master', async () => {
      const { status, body } = await visit()
      return status === 200 && body !== before
    })
    await server.reboot()
    expect([await state('socket'), await state('service')]).to.deep.equal(['active', 'inactive'])
    expect((await visit()).status).to.equal(200)
    expect(await state('service')).to.equal('active')
  })

  it('rest on a small machine when nobody comes, and lose no visitor by it', async () => {
    await server.ok(['mkdir', '-p', rest])
    await server.ok(['dd', `of=${rest}/small.conf`, 'status=none'], { input: small })
    await server.ok(['systemctl', 'daemon-reload'])
    // The timer comes with the program.
    await server.ok(['systemctl', 'stop', unit('service')])
    for (let round = 0; round < 3; round++) {
      // While it is being stopped, and while it starts.
      const { status, body } = await visit()
      expect([status, Number(body) > 1]).to.deep.equal([200, true])
      await until('rest', async () => (await state('service')) === 'inactive', 60)
      expect(await state('socket')).to.equal('active')
    }
    let visitors = 0
    const stops = 10
    for (let stop = 0; stop < stops; stop++) {
      // A visitor who comes meanwhile may call the stop off: systemd then starts what it was about to stop.
      const [, ...answers] = await Promise.all([server.run(['systemctl', 'stop', unit('service')]), visit(), visit()])
      for (const { status } of answers) expect(status).to.equal(200)
      visitors += answers.length
    }
    expect(visitors).to.equal(2 * stops)
    await server.ok(['systemctl', 'stop', unit('service')])
    const timer = async () => (await server.run(['systemctl', 'is-active', 'nusantara-sites-rest.timer'])).stdout.trim()
    expect(await timer(), 'gone with the last program').to.equal('inactive')
    await visit()
    expect(await timer(), 'there while a program is').to.equal('active')
  })

  it('take a new configuration while they rest', async () => {
    await server.ok(['systemctl', 'stop', unit('service')])
    await admin.done(
      await admin.client.patch(`/sites/${site.id}`, { runtime: { type: 'php', settings: { memory_limit: '77m' } } }),
    )
    await upload(server, site, 'limit.php', "<?php echo ini_get('memory_limit');")
    expect((await server.fetch('http://php.example.test/limit.php')).body).to.equal('77m')
  })

  it('and the web server go on in a new log when the old one is turned over', async () => {
    const logs = `/var/log/nusantara/sites/${site.tenant}`
    const rotate = () => server.ok(['logrotate', '--force', '/etc/logrotate.d/nusantara-panel'])
    await visit()
    await rotate()
    await visit()
    for (const name of ['access.log', 'php.log']) {
      const pattern = name === 'php.log' ? /a line/ : /GET \/pid\.php/
      await until(`a line in the new ${name}`, async () => pattern.test(await server.read(`${logs}/${name}`)))
      expect(await server.read(`${logs}/${name}.1`)).to.match(pattern)
    }
    expect(await server.ok(['stat', '--format=%U:%G %a', `${logs}/php.log`])).to.equal(`${site.tenant}:nusantara 640\n`)
    // Also while it rests: there is nobody to tell.
    await server.ok(['systemctl', 'stop', unit('service')])
    await rotate()
    expect((await visit()).status).to.equal(200)
  })

  it('are in their group with limits, and less exposed than what distributions ship', async () => {
    const shown = await server.ok([
      'systemctl',
      'show',
      '--property=Slice,TasksMax,MemoryMax,CPUWeight',
      unit('service'),
    ])
    expect(shown.trim().split('\n').sort()).to.deep.equal([
      'CPUWeight=50',
      'MemoryMax=536870912',
      'Slice=nusantara-sites.slice',
      'TasksMax=256',
    ])
    const security = await server.ok([
      'systemd-analyze',
      'security',
      '--offline=true',
      '--no-pager',
      `/usr/lib/systemd/system/nusantara-php${debian.php}@.service`,
    ])
    expect(Number(/exposure level[^:]*: ([\d.]+)/.exec(security)?.[1])).to.be.lessThan(2.5)
  })
})
