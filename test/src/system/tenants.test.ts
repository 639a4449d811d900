import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, type Site, signIn } from './server/panel.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'

const node = '/usr/lib/nusantara-panel/runtime/bin/node'
/** Answers on a socket that the web server may use. */
const application = (socket: string, says: string) =>
  `process.umask(0o007); require('node:http').createServer((_, answer) => answer.end('${says}')).listen('${socket}')`

describe(`Users of sites on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator
  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
  })
  after(() => server.remove())

  const brokerPid = async () =>
    (await server.ok(['systemctl', 'show', '--property=MainPID', '--value', 'nusantara-broker.service'])).trim()

  it('are made by units of their own: the broker itself may not write where users stand', async () => {
    await admin.createSite('users.example.test')
    const inBroker = async (path: string) =>
      server.run(['nsenter', '--mount', `--target=${await brokerPid()}`, '--', 'touch', '--no-create', path])
    for (const path of ['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/systemd/system'])
      expect((await inBroker(path)).stderr, path).to.match(/Read-only file system/)
    expect((await inBroker('/etc/nginx/nusantara.d')).code).to.equal(0)
  })

  for (const [verb, tool] of [
    ['created', 'useradd'],
    ['deleted', 'userdel'],
  ] as const)
    it(`are whole or gone when the broker is killed while one is ${verb}`, async () => {
      const domain = `${tool}.example.test`
      const site = verb === 'deleted' ? await admin.createSite(domain) : undefined
      // Whatever takes the lock of passwd(5) waits: so the tool is at work when the broker dies.
      await server.ok(['systemd-run', '--quiet', '--unit=holder', 'flock', '/etc/.pwd.lock', 'sleep', 'infinity'])
      const answer = site
        ? await admin.client.delete(`/sites/${site.id}?confirm=${domain}`)
        : await admin.client.post('/sites', { domain, runtime: 'static' })
      const units = async () =>
        (await server.ok(['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'nusantara-account-*'])).trim()
      await until('the tool at work', async () => /nusantara-account-\w+-s/.test(await units()))
      await server.ok(['kill', '-KILL', await brokerPid()])
      await server.ok(['systemctl', 'stop', 'holder'])
      const { state } = await admin.job(answer, 120)
      const { body } = await admin.client.get<{ items: Site[] }>(`/sites?q=${domain}`)
      const left = body.items.map(({ tenant }) => tenant)
      const users = (await server.ok(['getent', 'passwd'])).match(/^s[a-z2-7]{10}(?=:)/gm) ?? []
      const others = (await admin.client.get<{ items: Site[] }>('/sites')).body.items.map(({ tenant }) => tenant)
      expect(users.sort(), `after the job ${state}`).to.deep.equal(others.sort())
      expect(left).to.have.length(
        verb === 'created' && state === 'succeeded' ? 1 : verb === 'deleted' && state !== 'succeeded' ? 1 : 0,
      )
      expect(await units()).to.equal('')
    })

  it('lead the web server nowhere by links among their sockets', async () => {
    const proxy = { type: 'proxy', target: 'unix:app.sock' }
    const victim = await admin.createSite('victim.example.test', proxy)
    const attacker = await admin.createSite('attacker.example.test', proxy)
    const socketOf = ({ tenant }: Site) => `/run/nusantara/tenants/${tenant}/app.sock`
    const as = ({ tenant }: Site, ...argv: string[]) => server.run(['runuser', '--user', tenant, '--', ...argv])
    const run = ({ tenant }: Site, says: string) =>
      server.ok([
        'systemd-run',
        '--quiet',
        `--unit=app-${tenant}`,
        `--uid=${tenant}`,
        node,
        '-e',
        application(socketOf({ tenant } as Site), says),
      ])
    const seen = async ({ domain }: Site) => server.fetch(`http://${domain}/`)

    await run(victim, 'of the victim')
    await until('the application', async () => (await seen(victim)).body === 'of the victim')
    const targets = [socketOf(victim), '/run/nusantara/nginx-revision.sock', `/proc/1/root${socketOf(victim)}`]
    for (const target of targets) {
      expect((await as(attacker, 'ln', '--symbolic', '--force', target, socketOf(attacker))).code).to.equal(0)
      expect((await seen(attacker)).status, target).to.equal(502)
    }
    await as(attacker, 'rm', '--', socketOf(attacker))
    expect((await as(attacker, 'ln', socketOf(victim), socketOf(attacker))).code).to.not.equal(0)
    expect((await as(attacker, 'ls', `/run/nusantara/tenants/${victim.tenant}`)).stderr).to.match(/denied/)
    await run(attacker, 'of the attacker')
    await until('an application of its own', async () => (await seen(attacker)).body === 'of the attacker')

    await server.reboot()
    const shape = await server.ok(['stat', '--format=%U:%G %a', `/run/nusantara/tenants/${victim.tenant}`])
    expect(shape).to.equal(`${victim.tenant}:www-data 2750\n`)
    expect(await server.ok(['findmnt', '--noheadings', '--output=OPTIONS', '/run/nusantara/tenants'])).to.include(
      'nosymfollow',
    )
  })

  it('leave nothing when their site is deleted: no user, group, unit, socket, log or cron line', async () => {
    const site = await admin.createSite('gone.example.test', 'php')
    const { tenant } = site
    expect((await server.fetch('http://gone.example.test/')).status).to.equal(200)
    await server.ok(['logrotate', '--force', '/etc/logrotate.d/nusantara-panel'])
    const owned = async (path: string) => {
      await server.ok(['mkdir', '-p', path.slice(0, path.lastIndexOf('/'))])
      await server.ok(['dd', `of=${path}`, 'status=none'], { input: '\n' })
      await server.ok(['chown', tenant, path])
    }
    const spool = ['cron/crontabs', 'cron/atjobs'].map(name => `/var/spool/${name}`)
    await owned(`${spool[0]}/${tenant}`)
    await owned(`${spool[1]}/a00001019c1e5a`)
    await owned(`/var/mail/${tenant}`)
    await owned(`/var/lib/systemd/linger/${tenant}`)
    const uid = (await server.ok(['id', '--user', tenant])).trim()
    await admin.done(await admin.client.delete(`/sites/${site.id}?confirm=gone.example.test`))

    // The panel's history and the broker's registry remember it, so that nobody gets its number again.
    const kept = ['/proc', '/sys', '/var/lib/nusantara', '/var/lib/nusantara-broker', '/var/log/journal']
    const prune = kept.flatMap((path, index) => [...(index ? ['-o'] : []), '-path', path])
    const found = await server.ok(
      ['find', '/', '(', ...prune, ')', '-prune', '-o', '(', '-name', `*${tenant}*`, '-o', '-uid', uid, ')', '-print'],
      { timeout: 120 },
    )
    expect(found).to.equal('')
    // useradd(8) leaves the file of before beside each that it writes.
    const lists = ['--files-with-matches', '--recursive', '--exclude=*-']
    const named = await server.run(['grep', ...lists, '--', tenant, '/etc', '/var/spool'])
    expect(named.stdout).to.equal('')
    for (const list of [['list-units', '--all'], ['list-unit-files']]) {
      const shown = await server.run(['systemctl', ...list, '--plain', '--no-legend', `*${tenant}*`])
      expect(shown.stdout).to.equal('')
    }
    expect((await server.run(['pgrep', '--uid', uid])).stdout).to.equal('')
  })
})
