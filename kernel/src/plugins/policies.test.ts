import 'reflect-metadata'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { BrokerClient } from '../broker-client/broker-client.js'
import { CONFIG } from '../config/token.js'
import { createTestPanel } from '../testing/test-panel.js'
import { writePlugin } from './plugin-fixtures.js'
import { Policies } from './policies.js'

const privileges = {
  operations: { hello: { bin: '/usr/bin/true', argv: [], runAs: 'root', risk: 'low' } },
}
const start = `
  if (process.env.NUSA_TEST_FAILS) throw new Error('no')
  ctx.http.route({ operation: 'demo.run', method: 'POST', path: '/run', permission: 'authenticated', summary: 'Run',
    response: sdk.object({ exitCode: sdk.Joi.number() }).unknown(),
    handler: async ({ actor }) => ({ exitCode: (await ctx.broker.run('hello', { actor })).exitCode }) })`

describe('Policies', function () {
  this.timeout(30_000)
  let directory: string
  let panel: TestPanel
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nusa-policies-'))
    const files = { 'privileges.json': JSON.stringify(privileges) }
    const plugin = await writePlugin(directory, { id: 'demo', capabilities: ['http', 'broker'], start, files })
    panel = await createTestPanel({ plugins: [plugin] })
  })
  afterEach(async () => {
    await panel.stop()
    await rm(directory, { recursive: true, force: true })
  })
  const admin = () => panel.as('admin')
  const state = async () => {
    const client = panel.resolve(BrokerClient as unknown as new () => BrokerClient)
    return (await client.call('policy.describe', { plugin: 'demo' })).policies[0]?.state
  }

  it('puts privileges in force with the plugin and takes them back with it', async () => {
    expect(await state()).to.equal('enabled')
    expect((await admin().post('/demo/run')).body).to.deep.equal({ exitCode: 0 })
    await admin().post('/plugins/demo/disable')
    expect(await state()).to.equal('disabled')
    await admin().post('/plugins/demo/enable')
    expect(await state()).to.equal('enabled')
    expect((await admin().post('/demo/run')).status).to.equal(200)
  })

  it('has nothing in force for a plugin that did not start', async () => {
    await admin().post('/plugins/demo/disable')
    process.env.NUSA_TEST_FAILS = '1'
    try {
      expect((await admin().post('/plugins/demo/enable')).body.code).to.equal('plugin_start_failed')
    } finally {
      delete process.env.NUSA_TEST_FAILS
    }
    expect(await state()).to.equal('disabled')
    expect((await admin().post('/plugins/demo/enable')).status).to.equal(200)
    expect(await state()).to.equal('enabled')
  })

  it('says in words what a plugin may do as root', async () => {
    const { items: words, digest } = (await admin().get('/plugins/demo/privileges')).body
    expect(digest).to.match(/^[0-9a-f]{64}$/)
    expect(words[0].text).to.equal('Runs “/usr/bin/true” as the administrator (root)')
  })

  it('takes on a server what an upgrade of the panel brought, and asks about what another plugin changed', async () => {
    const files = { 'privileges.json': JSON.stringify(privileges) }
    const other = { id: 'other', capabilities: ['broker' as const], files }
    const plugins = [
      await writePlugin(directory, { ...other, id: 'own' }),
      await writePlugin(join(directory, 'store'), other),
    ]
    const server = await createTestPanel({ plugins })
    try {
      const config = server.resolve(CONFIG as unknown as new () => { profile: string })
      const states = async () => {
        const { items } = (await server.as('admin').get('/plugins')).body
        const of = (id: string) => items.find((item: { id: string }) => item.id === id)
        return [of('own').state, of('other').why?.code ?? of('other').state]
      }
      expect(await states()).to.deep.equal(['running', 'running'])
      config.profile = 'system'
      const more = { operations: { ...privileges.operations, bye: privileges.operations.hello } }
      for (const plugin of plugins) await writeFile(join(plugin, 'privileges.json'), JSON.stringify(more))
      await server.restart()
      expect(await states()).to.deep.equal(['running', 'plugin_privileges_changed'])
    } finally {
      await server.stop()
    }
  })

  it('refuses privileges that are not those agreed to', async () => {
    const policies = panel.resolve(Policies as unknown as new () => Policies)
    const error = await policies.enable('demo', 'f'.repeat(64)).catch(thrown => thrown)
    expect(error.code).to.equal('plugin_privileges_changed')
  })
})
