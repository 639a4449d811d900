import type { PlannedFile } from '@nusantara/sdk'
import { expect } from 'chai'
import { debian } from './server/distribution.js'
import { bootInstalled } from './server/installed.js'
import { type Administrator, signIn } from './server/panel.js'
import type { Server } from './server/server.js'
import { until } from './server/until.js'

const node = '/usr/lib/nusantara-panel/runtime/bin/node'
const available = '/etc/nginx/sites-available/default'
const enabled = '/etc/nginx/sites-enabled/default'
const answering =
  "require('node:http').createServer((_, answer) => answer.end('of somebody else')).listen(80, '0.0.0.0')"

/** What an administrator had on the server before the panel came. */
describe(`What is on ${debian.name} already`, () => {
  let server: Server
  let admin: Administrator
  before(async () => {
    server = await bootInstalled()
    admin = await signIn(server)
  })
  after(() => server.remove())

  const exists = async (path: string) => (await server.run(['test', '-e', path])).code === 0
  const create = async (domain: string) => admin.job(await admin.client.post('/sites', { domain, runtime: 'static' }))
  const configuration = () => server.ok(['find', '/etc/nginx', '-type', 'f', '-exec', 'sha256sum', '{}', '+'])

  it('keeps the ports of the web: the program is named, and nothing of nginx is touched', async () => {
    await server.ok(['systemctl', 'stop', 'nginx'])
    await server.ok(['systemd-run', '--quiet', '--unit=somebody', node, '-e', answering])
    await until('the other program', async () =>
      (await server.fetch('http://any.example.test/')).body.includes('somebody'),
    )
    const before = await configuration()
    const { state, problem } = await create('first.example.test')
    expect([state, problem?.code]).to.deep.equal(['failed', 'listener_taken'])
    expect(problem?.params).to.include({ listener: '0.0.0.0:80', program: 'node', unit: 'somebody.service' })
    expect(await configuration()).to.equal(before)
    expect((await server.fetch('http://any.example.test/')).body).to.equal('of somebody else')
    await server.ok(['systemctl', 'stop', 'somebody'])
    await server.ok(['systemctl', 'start', 'nginx'])
  })

  it('keeps a default site that somebody edited, until somebody says that it may go', async () => {
    const original = await server.read(available)
    await server.ok(['dd', `of=${available}`, 'status=none'], { input: `${original}# ours\n` })
    const { state, problem } = await create('second.example.test')
    expect([state, problem?.code, problem?.params]).to.deep.equal([
      'failed',
      'sites.default_site_edited',
      { path: enabled },
    ])
    expect(await exists(enabled)).to.equal(true)
    await admin.done(await admin.client.post('/sites/apply', { discardEdits: true }))
    expect([await exists(enabled), await server.read(available)]).to.deep.equal([false, `${original}# ours\n`])
    await server.ok(['dd', `of=${available}`, 'status=none'], { input: original })
  })

  it('loses the default site as its package brought it, which the plan says', async () => {
    await server.ok(['ln', '--symbolic', available, enabled])
    await server.ok(['systemctl', 'restart', 'nusantara-panel.service'])
    await until('the panel', async () => (await server.fetch('https://localhost:8443/healthz')).status === 200)
    const { body } = await admin.client.post<{ files: PlannedFile[] }>('/sites?dry_run=true', {
      domain: 'third.example.test',
      runtime: 'static',
    })
    const [planned] = body.files.filter(({ path }) => path === enabled)
    expect([planned?.action, planned?.drift]).to.deep.equal(['delete', undefined])
    expect((await create('third.example.test')).state).to.equal('succeeded')
    expect(await exists(enabled)).to.equal(false)
    expect((await server.fetch('http://third.example.test/')).status).to.equal(200)
  })

  it('is named by the examination: another panel, and a web server that starts with the server', async () => {
    const seen = async () => {
      const { body } = await admin.client.get<{
        items: { id: string; status: string; message: string; remedy?: string }[]
      }>('/health')
      return body.items.filter(({ id }) => ['sites.panels', 'sites.servers'].includes(id))
    }
    expect((await seen()).map(({ status }) => status)).to.deep.equal(['ok', 'ok'])
    const unit = '/etc/systemd/system/multi-user.target.wants/apache2.service'
    await server.ok(['mkdir', '--parents', '/usr/local/hestia'])
    await server.ok(['ln', '--symbolic', '/usr/lib/systemd/system/apache2.service', unit])
    const found = await seen()
    expect(found.map(({ status }) => status)).to.deep.equal(['warning', 'warning'])
    expect(found[0]?.message).to.include('HestiaCP')
    expect(found[1]?.remedy).to.equal('As root: systemctl disable --now apache2.service')
    await server.ok(['rm', '--recursive', '/usr/local/hestia', unit])
  })
})
