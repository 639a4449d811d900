import { statSync } from 'node:fs'
import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { exposureOf, memoryOf, printFigures } from './server/figures.js'
import { bootStack, install, packageUnderTest } from './server/installed.js'
import { administrator, anyone, panelUrl, signIn } from './server/panel.js'
import { Server } from './server/server.js'
import { until } from './server/until.js'

/** Seconds that an installation may take once everything is downloaded. */
const longest = 30
const panel = 'nusantara-panel.service'
const broker = 'nusantara-broker.service'

const seconds = (from: number) => (Date.now() - from) / 1000

describe(`The package on ${debian.name}`, () => {
  let server: Server
  let began: number
  let token: string
  const figures: Record<string, string> = {}

  before(async () => {
    server = await Server.boot()
  })
  after(() => server.remove())

  it('is installed with what it recommends, and prints where to set the panel up', async () => {
    began = Date.now()
    const printed = await install(server)
    figures['apt install, with nginx and PHP'] = `${seconds(began).toFixed(1)} s`
    token = /https:\/\/server\.example\.test:8443\/setup#token=([\w-]{20,})/.exec(printed)?.[1] ?? ''
    expect(token, printed).to.not.equal('')
    expect(await server.ok(['systemctl', 'is-active', 'nginx'])).to.equal('active\n')
  })

  it('is set up over HTTPS with that link, by nobody without it, and once', async () => {
    const client = await anyone(server)
    const input = { ...administrator, locale: 'en' }
    expect((await client.post('/setup', { ...input, token: `${token.slice(1)}x` })).status).to.be.within(400, 403)
    expect((await client.post('/setup', { ...input, token })).status).to.equal(201)
    expect((await (await anyone(server)).post('/setup', { ...input, token })).status).to.be.within(400, 409)
    expect((await client.get('/auth/session')).status).to.equal(200)
  })

  it('publishes a site that answers over IPv4 and IPv6', async () => {
    const admin = await signIn(server)
    const { tenant } = await admin.createSite('first.example.test')
    expect(tenant).to.match(/^s[a-z2-7]{10}$/)
    for (const family of [4, 6] as const) {
      const { status, body } = await server.fetch('http://first.example.test/', { family })
      expect(status).to.equal(200)
      expect(body).to.include('first.example.test')
    }
    figures['from apt install to the first site answering'] = `${seconds(began).toFixed(1)} s`
    expect((await server.fetch(`${panelUrl}/healthz`)).status).to.equal(200)
  })

  it('is in order by its own doctor, with no failed unit', async () => {
    const doctor = await server.run(['nusa', 'doctor'])
    expect(doctor.code, doctor.stdout + doctor.stderr).to.equal(0)
    expect(await server.ok(['systemctl', 'list-units', '--failed', '--plain', '--no-legend'])).to.equal('')
  })

  it('exposes panel and broker little, as systemd sees it', async () => {
    const exposure = { [panel]: await exposureOf(server, panel), [broker]: await exposureOf(server, broker) }
    for (const [unit, level] of Object.entries(exposure)) figures[`exposure of ${unit}`] = level.toFixed(1)
    expect(exposure[panel]).to.be.at.most(1.5)
    expect(exposure[broker]).to.be.at.most(4)
  })

  it('rests in little memory', async () => {
    figures.package = `${(statSync(packageUnderTest()).size / 1e6).toFixed(1)} MB`
    // As it rests where it does not leave: started, asked by nobody.
    await server.write('/etc/nusantara/config.json', JSON.stringify({ onDemand: false }))
    await server.ok(['systemctl', 'restart', panel])
    const memory: Record<string, number> = {}
    await until('a panel of at most 90 MB', async () => {
      for (const unit of [panel, broker]) memory[unit] = await memoryOf(server, unit)
      const used = memory[panel] as number
      if (used === 0 || used > 90) throw new Error(`it has ${used.toFixed(0)} MB`)
      return true
    })
    for (const [unit, used] of Object.entries(memory)) figures[`memory of ${unit}`] = `${used.toFixed(0)} MB (PSS)`
    printFigures(`Figures of ${debian.name}`, figures)
  })
})

describe(`The package on ${debian.name}, where web server and PHP are`, () => {
  let server: Server

  before(async () => {
    server = await bootStack()
  })
  after(() => server.remove())

  it(`is installed within ${longest} s, and runs`, async () => {
    const began = Date.now()
    await install(server)
    const taken = seconds(began)
    printFigures(`Figures of ${debian.name}`, { 'apt install of the package alone': `${taken.toFixed(1)} s` })
    expect((await server.fetch(`${panelUrl}/healthz`)).status).to.equal(200)
    expect(taken).to.be.lessThan(longest)
  })
})
