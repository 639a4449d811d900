import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootStack, install } from './server/installed.js'
import { changes, inventory } from './server/inventory.js'
import { signIn } from './server/panel.js'
import type { Server } from './server/server.js'
import { upload } from './server/site-files.js'

const runtimes = { static: 'static', php: 'php', app: { type: 'proxy', target: 'http://127.0.0.1:3000' } }

describe(`What the package leaves on ${debian.name}`, () => {
  let server: Server

  before(async () => {
    server = await bootStack()
  })
  after(() => server.remove())

  it('is nothing once its sites were deleted and it was purged: no file, user, group or unit, and no other mode', async () => {
    const untouched = await inventory(server)
    await install(server)
    const admin = await signIn(server)
    for (const [name, runtime] of Object.entries(runtimes)) {
      const domain = `${name}.example.test`
      const site = await admin.createSite(domain, runtime)
      if (runtime === 'php') {
        await upload(server, site, 'page.php', '<?php echo 6 * 7;')
        expect((await server.fetch(`http://${domain}/page.php`)).body).to.equal('42')
      }
    }
    for (const name of Object.keys(runtimes)) {
      const domain = `${name}.example.test`
      const { id } = await admin.site(domain)
      await admin.done(await admin.client.delete(`/sites/${id}?confirm=${domain}`))
    }
    await server.ok(['apt-get', 'purge', '--yes', 'nusantara-panel'])
    // The distribution's default site was disabled by the plan of the first site; to publish it again is for the administrator.
    const wanted = ['- l 777 root:root file /etc/nginx/sites-enabled/default']
    expect(changes(untouched, await inventory(server))).to.deep.equal(wanted)
    await server.ok(['nginx', '-t', '-q'])
    expect(await server.ok(['systemctl', 'is-active', 'nginx'])).to.equal('active\n')
  })
})
