import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { install } from './server/installed.js'
import { panelUrl, signIn } from './server/panel.js'
import { Server } from './server/server.js'

/** Seconds that an installation may take once everything is downloaded. */
const longest = 30

describe(`The package on ${debian.name}`, () => {
  let server: Server
  let printed: string

  before(async () => {
    server = await Server.boot()
  })
  after(() => server.remove())

  it(`is installed with what it recommends, and prints where to set the panel up`, async () => {
    const began = Date.now()
    printed = await install(server)
    const seconds = (Date.now() - began) / 1000
    process.stdout.write(`      installed in ${seconds.toFixed(1)} s\n`)
    expect(printed).to.match(/https:\/\/server\.example\.test:8443\/setup#token=[\w-]{20,}/)
    expect(seconds).to.be.lessThan(longest)
    expect(await server.ok(['systemctl', 'is-active', 'nginx'])).to.equal('active\n')
  })

  it('is set up over HTTPS with that link, by nobody else and once', async () => {
    const admin = await signIn(server)
    expect((await admin.client.get('/auth/session')).status).to.equal(200)
  })

  it('publishes a site that answers', async () => {
    const admin = await signIn(server)
    const { tenant } = await admin.createSite('first.example.test')
    expect(tenant).to.match(/^s[a-z2-7]{10}$/)
    for (const family of [4, 6] as const) {
      const { status, body } = await server.fetch('http://first.example.test/', { family })
      expect(status).to.equal(200)
      expect(body).to.include('first.example.test')
    }
    expect((await server.fetch(`${panelUrl}/healthz`)).status).to.equal(200)
  })
})
