import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { addresses } from './server/network.js'
import { type Administrator, administrator, signIn } from './server/panel.js'
import type { Server } from './server/server.js'
import { php, upload } from './server/site-files.js'
import { until } from './server/until.js'

/** An application behind a proxy: says what it was asked, and comes back with the server. */
const application = `[Unit]
Description=An application of the administrator
[Service]
DynamicUser=yes
ExecStart=/usr/lib/nusantara-panel/runtime/bin/node -e "require('node:http').createServer((asked, answer) => answer.end('application: ' + asked.headers.host + asked.url)).listen(3000, '127.0.0.1')"
[Install]
WantedBy=multi-user.target
`
const families = [4, 6] as const

describe(`Sites on ${debian.name}`, () => {
  let server: Server
  let admin: Administrator

  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
    await server.ok(['dd', 'of=/etc/systemd/system/application.service', 'status=none'], { input: application })
    await server.ok(['systemctl', 'enable', '--now', '--quiet', 'application.service'])
  })
  after(() => server.remove())

  /** What visitors of all three must see, over both families. */
  async function answers(): Promise<void> {
    for (const family of families) {
      const page = await server.fetch('http://static.example.test/page.html', { family })
      expect(page).to.include({ status: 200, body: 'a page' })
      const script = await server.fetch('http://php.example.test/sum.php?a=20&b=22', { family })
      expect(script).to.include({ status: 200, body: `42 by PHP ${debian.php}` })
      const proxied = await server.fetch('http://app.example.test/path?q=1', { family })
      expect(proxied).to.include({ status: 200, body: 'application: app.example.test/path?q=1' })
    }
  }

  it('are static files', async () => {
    const site = await admin.createSite('static.example.test')
    await upload(server, site, 'page.html', 'a page')
    expect((await server.fetch('http://static.example.test/page.html')).body).to.equal('a page')
    expect((await server.fetch('http://static.example.test/nothing')).status).to.equal(404)
  })

  it('are PHP programs, each run by a user of its own', async () => {
    const site = await admin.createSite('php.example.test', 'php')
    const code = "<?php echo $_GET['a'] + $_GET['b'], ' by PHP ', PHP_MAJOR_VERSION, '.', PHP_MINOR_VERSION;"
    await upload(server, site, 'sum.php', code)
    await upload(server, site, 'who.php', "<?php echo posix_getpwuid(posix_geteuid())['name'];")
    expect((await server.fetch('http://php.example.test/sum.php?a=20&b=22')).body).to.equal(`42 by PHP ${debian.php}`)
    expect((await server.fetch('http://php.example.test/who.php')).body).to.equal(site.tenant)
  })

  it('are applications behind a proxy', async () => {
    await admin.createSite('app.example.test', { type: 'proxy', target: 'http://127.0.0.1:3000' })
    await answers()
  })

  it('are the panel itself, which comes from its rest for the first who asks for its name', async () => {
    const { tenant } = await admin.createSite('panel.example.test', 'panel')
    const own = 'https://panel.example.test'
    for (const family of families) {
      await server.ok(['systemctl', 'stop', 'nusantara-panel.service'])
      const plain = await server.fetch('http://panel.example.test/sites', { family })
      expect([plain.status, plain.headers.location]).to.deep.equal([308, `${own}/sites`])
      const page = await server.fetch(`${own}/`, { family, headers: { accept: 'text/html' } })
      expect(page.status, page.body).to.equal(200)
      expect(page.body).to.include('<nusa-shell>')
    }
    const signedIn = await server.fetch(`${own}/api/v1/auth/login`, {
      method: 'POST',
      headers: { origin: own, 'content-type': 'application/json' },
      body: JSON.stringify(administrator),
    })
    expect(signedIn.status, signedIn.body).to.equal(200)
    const { body } = await admin.client.get('/audit?limit=5')
    expect(JSON.stringify(body), 'the visitor’s address').to.include(addresses[4])
    expect((await server.fetch('https://static.example.test/')).status, 'its name alone').to.equal(404)
    const modes = ['/run/nusantara/front.sock', `/etc/nginx/nusantara.d/${tenant}.pem`]
    expect(await server.ok(['stat', '--format=%a %U:%G', ...modes])).to.equal('660 root:www-data\n600 root:root\n')
  })

  it('cannot open the door through which the web server sends on what is the panel’s', async () => {
    const door = '/run/nusantara/front.sock'
    const curl = [
      'curl',
      '--silent',
      '--unix-socket',
      door,
      '--header',
      'X-Forwarded-For: 192.0.2.1',
      'http://x/healthz',
    ]
    expect(await server.ok(['runuser', '--user', 'www-data', '--', ...curl])).to.equal('ok\n')
    const site = await admin.site('php.example.test')
    const knock = `$s = stream_socket_client('unix://${door}', $n, $m, 2); echo $s ? 'connected' : $m;`
    expect(await php(server, site, knock)).to.match(/denied/i)
    const link = `echo shell_exec('ln -s ${door} /run/nusantara/tenants/${site.tenant}/app.sock && echo linked');`
    expect(await php(server, site, link)).to.include('linked')
    const target = { type: 'proxy', target: 'unix:app.sock' }
    await admin.done(await admin.client.patch(`/sites/${site.id}`, { runtime: target }))
    expect((await server.fetch('http://php.example.test/healthz')).status, 'a link is not followed').to.equal(502)
    await admin.done(await admin.client.patch(`/sites/${site.id}`, { runtime: 'php' }))
  })

  it('are served to nobody who asks for another name', async () => {
    for (const family of families) {
      const asked = server.fetch('http://nobody.example.test/', { family })
      const body = await asked.then(
        answer => answer.body,
        () => '',
      )
      expect(body).to.not.match(/a page|application|PHP/)
    }
  })

  it('leave the panel in order', async () => {
    const doctor = await server.run(['nusa', 'doctor'])
    expect(doctor.code, doctor.stdout + doctor.stderr).to.equal(0)
    const verify = await server.run(['nusa', 'audit', 'verify'])
    expect(verify.code, verify.stdout + verify.stderr).to.equal(0)
  })

  it('all answer again after a reboot, and the panel with them', async () => {
    await server.reboot()
    await answers()
    await until('the panel', async () => (await server.fetch('https://localhost:8443/healthz')).status === 200)
    expect((await admin.client.get('/auth/session')).status, 'sessions outlive a reboot').to.equal(200)
    const failed = await server.ok(['systemctl', 'list-units', '--failed', '--plain', '--no-legend'])
    expect(failed).to.equal('')
    await admin.createSite('after.example.test')
    expect((await server.fetch('http://after.example.test/')).status).to.equal(200)
  })
})
