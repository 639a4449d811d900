import 'reflect-metadata'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { kernelRoutes } from './kernel-routes.js'
import { createTestPanel } from './testing/test-panel.js'

const sources = fileURLToPath(new URL('../src/', import.meta.url))

describe('Panel', function () {
  this.timeout(60_000)
  const panels: TestPanel[] = []
  afterEach(async () => {
    for (const panel of panels.splice(0)) await panel.stop()
  })
  async function start(options: Parameters<typeof createTestPanel>[0]) {
    const panel = await createTestPanel(options)
    panels.push(panel)
    return panel
  }

  it('registers the routes of every area', async () => {
    const files = (await readdir(sources, { recursive: true })).filter(file => file.endsWith('.routes.ts'))
    expect(kernelRoutes.length).to.equal(files.length)
  })

  it('lives beside another in one process, each with its own state', async () => {
    const [one, other] = await Promise.all([start({ broker: false }), start({ broker: false })])
    await one?.as('admin').post('/accounts', { name: 'only here' })
    const names = async (panel?: TestPanel) =>
      (await panel?.as('admin').get('/accounts'))?.body.items.map((account: { name: string }) => account.name)
    expect(await names(one)).to.include('only here')
    expect(await names(other)).not.to.include('only here')
  })

  it('keeps sessions over a restart', async () => {
    const panel = await start({ broker: false })
    await panel.restart()
    expect((await panel.as('admin').get('/plugins')).status).to.equal(200)
  })

  it('a killed process comes back on the same state', async () => {
    const panel = await start({ processes: true })
    const first = panel.pid
    await panel.kill()
    await panel.restart()
    expect(panel.pid).not.to.equal(first)
    expect((await panel.as('admin').get('/auth/session')).body.user.username).to.equal(panel.people.admin.username)
  })
})
