import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { createTestPanel, type TestPanel } from '@nusantara/sdk/testing'
import type { Component } from '../api.js'

const plugin = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** On the machine of the test: its own apt is read, and nothing is installed, because a sandbox does not. */
describe('software of a sandbox', function () {
  this.timeout(60_000)
  let panel: TestPanel
  let components: readonly Component[]
  before(async () => {
    panel = await createTestPanel({ plugins: [plugin] })
    components = (await panel.as('admin').get('/stack')).body.items
  })
  after(() => panel?.stop())

  const install = (components: unknown, query = '', who: 'admin' | 'user' = 'admin', more = {}) =>
    panel.as(who).post(`/stack/install${query}`, { components, ...more })

  it('is listed with what is installed, in pages, and found by name', async () => {
    const nginx = components.find(({ id }) => id === 'nginx')
    assert.equal(nginx?.state, 'installed', 'the tests of sites need nginx')
    assert.match(nginx?.installed ?? '', /^1\./)
    assert.equal(nginx?.installable, false)
    const admin = panel.as('admin')
    const first = (await admin.get('/stack?limit=1')).body
    const second = (await admin.get(`/stack?limit=1&cursor=${first.nextCursor}`)).body
    assert.deepEqual([first.items[0].id, second.items[0].id], [components[0]?.id, components[1]?.id])
    assert.deepEqual(
      (await admin.get('/stack?q=NGI')).body.items.map(({ id }: Component) => id),
      ['nginx'],
    )
    assert.equal((await admin.get('/stack/components/nginx')).body.id, 'nginx')
    assert.equal((await admin.get('/stack/components/openssh-server')).body.code, 'stack.not_found')
  })

  it('has nothing to do for what is installed', async () => {
    const planned = await install(['nginx'], '?dry_run=true')
    assert.equal(planned.status, 200, planned.text)
    assert.deepEqual([planned.body.steps, planned.body.packages], [[], []])
    const { status, body } = await panel
      .as('admin')
      .post('/stack/install', { components: ['nginx'] }, { 'Plan-Hash': planned.body.hash })
    assert.equal(status, 202)
    assert.equal((await panel.waitForJob(body.job.id)).state, 'succeeded')
  })

  it('refuses to install anything, in the plan and in the job, and names the command', async () => {
    const missing = ['redis-server', 'mariadb-server'].find(
      id => components.find(each => each.id === id)?.state !== 'installed',
    )
    assert.ok(missing, 'a machine with both has nothing that could be missing')
    const planned = await install(['nginx', missing], '?dry_run=true')
    assert.equal(planned.status, 409, planned.text)
    assert.equal(planned.body.code, 'stack.refused')
    assert.match(planned.body.remedy, new RegExp(`apt-get install ${missing}$`))
    const { body } = await install(['nginx', missing])
    const { state, problem } = await panel.waitForJob(body.job.id)
    assert.deepEqual([state, problem?.code], ['failed', 'stack.refused'])
    const { title } = (await panel.as('admin').get(`/jobs/${body.job.id}`)).body
    assert.equal(title.text, `Install nginx, ${missing}`)
    assert.equal((await panel.as('admin').get(`/stack/components/${missing}`)).body.installable, false)
  })

  it('takes no other names than those it lists', async () => {
    for (const component of ['openssh-server', 'php9.9-fpm', 'nginx-extras', 'php8.2-fpm-dbg', 'nginx+', 'php8.2']) {
      const { status, body } = await install(['nginx', component])
      assert.equal(status, 422, component)
      assert.deepEqual([body.code, body.params.component], ['stack.component_unknown', component])
      assert.equal(body.fields[0].path, 'components.1')
    }
    for (const component of ['-o', '../x', 'nginx;id', 'nginx redis', '$(id)', 'nginx\n', '', 7, null, ['nginx'], {}]) {
      const { body } = await install(['nginx', component])
      assert.equal(body.code, 'invalid_input', JSON.stringify(component))
      assert.equal(body.fields[0].path, 'components.1')
    }
    const tooMany = Array.from({ length: 21 }, (_, index) => `php8.${index}-fpm`)
    for (const components of [[], ['nginx', 'nginx'], tooMany, 'nginx', { 0: 'nginx' }, null, undefined]) {
      const { body } = await install(components)
      assert.equal(body.code, 'invalid_input', JSON.stringify(components))
      assert.match(body.fields[0].path, /^components/)
    }
    for (const more of [{ packages: ['openssh-server'] }, { hash: 'x' }, { options: '-o' }, { refresh: 'yes please' }])
      assert.equal((await install(['nginx'], '', 'admin', more)).body.code, 'invalid_input', JSON.stringify(more))
  })

  it('is nothing for a user of sites', async () => {
    const user = panel.as('user')
    for (const path of ['/stack', '/stack/components/nginx']) assert.equal((await user.get(path)).status, 403, path)
    for (const query of ['', '?dry_run=true']) assert.equal((await install(['nginx'], query, 'user')).status, 403)
    assert.equal((await panel.as('nobody').get('/stack')).status, 401)
  })

  it('shows in words what it may install, as a high risk', async () => {
    const { items } = (await panel.as('admin').get('/plugins/stack/privileges')).body
    const packages = items.filter(({ code }: { code: string }) => code === 'privilege.packages')
    assert.deepEqual(
      packages.map(({ params, risk }: { params: { names: string }; risk: string }) => `${params.names} ${risk}`),
      ['nginx high', 'php<phpVersion>-fpm high', 'mariadb-server high', 'postgresql high', 'redis-server high'],
    )
  })
})
