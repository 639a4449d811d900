import { rm, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import { made } from '../server/pem/testing.js'
import { SslPanel } from '../testing/ssl-panel.js'

describe('a certificate that is not the one that is served', function () {
  this.timeout(60_000)
  let ssl: SslPanel
  before(async () => {
    ssl = await SslPanel.start()
  })
  after(() => ssl?.stop())

  it('is taken back although everything else is as it should be', async () => {
    const name = 'shadowed.example.test'
    const id = await ssl.site(name)
    const { home, sites } = ssl.panel
    // Somebody's own server block comes first for this name, shows its own certificate, and passes everything on.
    const own = await made({
      names: [name],
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000).toISOString(),
    })
    const shadow = `${home}/etc/nginx/conf.d/0-shadow.conf`
    await writeFile(`${home}/shadow.pem`, own.pem + own.key, { mode: 0o644 })
    const listens = [`127.0.0.1:${sites.https}`, `[::1]:${sites.https}`].map(address => `listen ${address} ssl;`)
    await writeFile(
      shadow,
      `server { ${listens.join(' ')} server_name ${name}; ssl_certificate ${home}/shadow.pem;
        ssl_certificate_key ${home}/shadow.pem; location / { proxy_pass http://127.0.0.1:${sites.http};
        proxy_set_header Host $host; } }\n`,
    )
    const sent = await ssl.done(ssl.admin.post(`/ssl/sites/${id}/issue`, {}), 202)
    const problem = await ssl.failed(sent.body.job.id)
    expect(problem.code).to.equal('probe_failed')
    expect(JSON.stringify(problem.params)).to.include('another certificate').and.include(name)
    const standing = await ssl.standing(id)
    expect([standing.certificate, standing.failure?.code]).to.deep.equal([null, 'probe_failed'])
    expect((await ssl.plain(name)).status, 'plain HTTP is as it was').to.equal(200)
    await rm(shadow)
    const serial = (await ssl.admin.get(`/ssl/sites/${id}/certificates`)).body.items[0].serial
    await ssl.change('post', `/ssl/sites/${id}/issue`, {})
    const { certificate } = await ssl.standing(id)
    expect([certificate?.serial, certificate?.state], 'nothing is ordered twice').to.deep.equal([serial, 'valid'])
    const seen = await ssl.visit(name, { root: await ssl.pebble.root() })
    expect(seen.status).to.equal(200)
  })
})
