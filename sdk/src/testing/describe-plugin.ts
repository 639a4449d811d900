import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { PluginManifest } from '../plugin.js'
import { readCatalogues, readManifestFile, usedKeys } from './plugin-files.js'
import type { Inventory, TestPanel, TestPanelOptions } from './types.js'

interface Rounds {
  readonly before: unknown
  readonly up: unknown
  readonly down: unknown
  readonly again: unknown
}

interface KernelTesting {
  createTestPanel(options: TestPanelOptions): Promise<TestPanel>
  roundTripMigrations(id: string, directory: string, databaseUrl?: string): Promise<Rounds | undefined>
  startPostgres(): Promise<{ createDatabase(): Promise<string>; stop(): Promise<void> }>
  until(condition: () => boolean | Promise<boolean>, ms?: number): Promise<void>
}

async function kernelTesting(): Promise<KernelTesting> {
  const kernel: string = '@nusantara/kernel/testing'
  return (await import(kernel)) as KernelTesting
}

/**
 * The contract that every plugin keeps, as a mocha suite:
 *
 * ```ts
 * describePlugin(new URL('../..', import.meta.url).pathname)
 * ```
 *
 * @param directory of the plugin's package.json; the plugins it depends on stand beside it
 */
export function describePlugin(directory: string): void {
  const root = resolve(directory)
  describe(`plugin contract of ${root.split('/').at(-1)}`, function () {
    this.timeout(60_000)
    let kernel: KernelTesting
    let manifest: PluginManifest
    let panel: TestPanel
    /** Taken once, so that one broken part does not hide another. */
    let running: Inventory

    before(async () => {
      kernel = await kernelTesting()
      manifest = await readManifestFile(root)
      panel = await kernel.createTestPanel({ plugins: await withDependencies(root) })
      running = panel.inventory()
    })
    after(() => panel?.stop())

    it('has a valid manifest and starts', async () => {
      const { body } = await panel.as('admin').get(`/plugins/${manifest.id}`)
      assert.deepEqual({ state: body.state, why: body.why }, { state: 'running', why: null })
    })

    it('leaves nothing behind when it is switched off and on three times', async () => {
      const first = { on: running, off: await switchOff(panel, manifest.id) }
      assertGone(first.off, manifest.id)
      for (let round = 0; round < 3; round++) {
        await change(panel, manifest.id, 'enable')
        assertSame(panel.inventory(), first.on)
        assertSame(await switchOff(panel, manifest.id), first.off)
      }
      await kernel.until(() => {
        const { handles } = panel.inventory()
        return Object.entries(handles).every(([kind, count]) => count <= (first.off.handles[kind] ?? 0))
      }, 3_000)
      await change(panel, manifest.id, 'enable')
    })

    it('declares the permission of every route, stream and page', () => {
      const declared = new Set(['public', 'authenticated', ...Object.keys(manifest.permissions ?? {})])
      const undeclared = guarded(running, manifest.id).filter(({ permission }) => !declared.has(permission))
      assert.deepEqual(undeclared, [])
    })

    it('uses every permission that it declares', () => {
      const used = new Set(guarded(running, manifest.id).map(({ permission }) => permission))
      assert.deepEqual(
        Object.keys(manifest.permissions ?? {}).filter(name => !used.has(name)),
        [],
      )
    })

    it('migrates up, down and up again on SQLite', async () =>
      assertRounds(await kernel.roundTripMigrations(manifest.id, root)))

    it('migrates up, down and up again on PostgreSQL', async function () {
      if (!existsSync('/usr/lib/postgresql') && !process.env.CI) return this.skip()
      const postgres = await kernel.startPostgres()
      try {
        assertRounds(await kernel.roundTripMigrations(manifest.id, root, await postgres.createDatabase()))
      } finally {
        await postgres.stop()
      }
    })

    it('speaks English and Bahasa Indonesia with the same keys, and has every text that it names', async () => {
      const { en = {}, id = {} } = await readCatalogues(root)
      assert.deepEqual(Object.keys(id).sort(), Object.keys(en).sort())
      const { jobs, panels } = running
      const named = [
        ...(await usedKeys(root, manifest.id)),
        ...jobs.filter(({ owner }) => owner === manifest.id).map(({ title }) => title),
        ...panels.filter(({ plugin }) => plugin === manifest.id).flatMap(({ titles }) => titles),
        ...(await settingTexts(panel, manifest.id)),
      ]
      assert.deepEqual(
        named.filter(key => en[key] === undefined),
        [],
      )
    })
  })
}

async function withDependencies(directory: string): Promise<string[]> {
  const found = new Set([directory])
  for (const each of found) {
    for (const id of Object.keys((await readManifestFile(each)).dependencies ?? {}))
      found.add(join(dirname(directory), id))
  }
  return [...found]
}

/** What the page of settings calls each of the plugin's. */
async function settingTexts(panel: TestPanel, id: string): Promise<readonly string[]> {
  const { body } = await panel.as('admin').get('/settings')
  const { items } = body as { items: readonly { plugin: string; fields: readonly { key: string }[] }[] }
  return items
    .filter(({ plugin }) => plugin === id)
    .flatMap(({ fields }) => fields.map(({ key }) => `setting.${id}.${key}`))
}

async function change(panel: TestPanel, id: string, verb: 'enable' | 'disable'): Promise<void> {
  const { status, text } = await panel.as('admin').post(`/plugins/${id}/${verb}`)
  assert.equal(status, 200, `${verb} answered ${status}: ${text}`)
}

async function switchOff(panel: TestPanel, id: string): Promise<Inventory> {
  await change(panel, id, 'disable')
  return panel.inventory()
}

function assertGone({ routes, streams, taps, jobs, panels, permissions, catalogues }: Inventory, id: string): void {
  const left = [...routes, ...streams, ...jobs, ...permissions].filter(({ owner }) => owner === id)
  assert.deepEqual([...left, ...[...taps, ...panels].filter(({ plugin }) => plugin === id)], [])
  for (const owners of Object.values(catalogues)) assert.equal(owners[id], undefined, 'its texts are still there')
}

/** Handles come and go with connections; they are compared apart. */
function assertSame(now: Inventory, then: Inventory): void {
  assert.deepEqual(comparable(now), comparable(then))
}

function comparable({ handles: _handles, ...inventory }: Inventory): unknown {
  const text = (entries: readonly unknown[]) => entries.map(entry => JSON.stringify(entry)).sort()
  const { taps, panels, jobs, streams } = inventory
  return { ...inventory, taps: text(taps), panels: text(panels), jobs: text(jobs), streams: text(streams) }
}

function guarded({ routes, streams, panels }: Inventory, id: string) {
  return [
    ...routes.filter(({ owner }) => owner === id).map(({ operation, permission }) => ({ what: operation, permission })),
    ...streams.filter(({ owner }) => owner === id).map(({ topic, permission }) => ({ what: topic, permission })),
    ...panels.filter(({ plugin }) => plugin === id).map(({ element, permission }) => ({ what: element, permission })),
  ]
}

function assertRounds(rounds: Rounds | undefined): void {
  if (!rounds) return
  assert.deepEqual(rounds.down, rounds.before, 'taking the migrations back leaves tables or columns')
  assert.deepEqual(rounds.again, rounds.up, 'applying them again makes another schema')
}
