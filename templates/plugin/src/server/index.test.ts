import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { createTestPanel, describePlugin, type TestPanel } from '@nusantara/sdk/testing'

const directory = fileURLToPath(new URL('../..', import.meta.url))

describePlugin(directory)

describe('my-plugin', () => {
  let panel: TestPanel
  before(async function () {
    this.timeout(30_000)
    panel = await createTestPanel({ plugins: [directory] })
  })
  after(() => panel.stop())

  it('greets who asks by name, and nobody who is not signed in', async () => {
    const { username } = panel.people.user
    assert.deepEqual((await panel.as('user').get('/my-plugin')).body, { greeting: `Selamat datang, ${username}` })
    assert.equal((await panel.as('nobody').get('/my-plugin')).status, 401)
  })

  it('has a page in the navigation, and its bundle', async () => {
    const { pages, bundles } = (await panel.as('user').get('/shell')).body
    assert.deepEqual(
      pages.map(({ path }: { path: string }) => path),
      ['/my-plugin'],
    )
    assert.match(bundles['my-plugin'], /^\/ui\/my-plugin\/\w+\/index\.js$/)
  })
})
