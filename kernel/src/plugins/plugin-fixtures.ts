import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PluginManifest } from '@nusantara/sdk'

export interface Fixture extends Partial<PluginManifest> {
  readonly id: string
  readonly version?: string
  /** Body of `start(ctx)`; `sdk` is the SDK. */
  readonly start?: string
  readonly locales?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Further files by path below the plugin. */
  readonly files?: Readonly<Record<string, string>>
}

/** Writes a plugin as its package would be installed. @returns its directory */
export async function writePlugin(parent: string, fixture: Fixture): Promise<string> {
  const { version = '1.0.0', start = '', locales = {}, files = {}, ...more } = fixture
  const nusantara: PluginManifest = {
    api: '^1',
    displayName: { en: fixture.id },
    capabilities: ['http', 'jobs', 'ui', 'db', 'secrets', 'events'],
    entry: { server: './dist/index.js' },
    ...more,
  }
  // Outside the workspace nothing resolves `@nusantara/sdk` by name.
  const sdk = import.meta.resolve('@nusantara/sdk')
  const all: Record<string, string> = {
    'package.json': JSON.stringify({ name: fixture.id, version, type: 'module', nusantara }),
    'dist/index.js': `import * as sdk from '${sdk}'\nexport default { async start(ctx) {\n${start}\n} }\n`,
    ...files,
  }
  for (const [locale, messages] of Object.entries(locales)) all[`locales/${locale}.json`] = JSON.stringify(messages)
  const directory = join(parent, fixture.id)
  for (const [path, text] of Object.entries(all)) {
    await mkdir(join(directory, path, '..'), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return directory
}

/** Takes one of everything that a context offers. */
export const greedy = `
  const { Joi, object, defineHook, defineEvent, defineService, defineSlot, defineJob, defineSettings, kernelHooks } = sdk
  ctx.http.route({ operation: ctx.id + '.hello', method: 'GET', path: '/', permission: ctx.id + ':read', summary: 'Hello',
    response: object({ hello: Joi.string().required() }), handler: async () => ({ hello: ctx.id }) })
  ctx.http.stream({ topic: ctx.id + '-news', permission: ctx.id + ':read' })
  ctx.jobs.define(defineJob({ type: ctx.id + '.work', version: 1, input: object({}) })
    .step('only', { run: async () => 1, onCrash: 'replay' }), undefined)
  ctx.schedules.add({ name: 'nightly', cron: '0 3 * * *', missed: 'skip', run: async () => {} })
  ctx.timers.setInterval(() => {}, 60000)
  ctx.timers.setTimeout(() => {}, 60000)
  ctx.hooks.tap(kernelHooks.search.results, () => [])
  ctx.hooks.tap(defineHook('absent.hook', 'collect'), () => 1)
  ctx.services.provide(defineService(ctx.id + '.service'), { hello: async () => 'hi' })
  ctx.services.when(defineService('absent.service'), () => undefined)
  ctx.events.on(defineEvent(ctx.id + '.happened'), async () => {})
  ctx.ui.page({ path: '/' + ctx.id, element: 'nusa-' + ctx.id, permission: ctx.id + ':read' })
  ctx.ui.fill(defineSlot('dashboard.cards'), { element: 'nusa-' + ctx.id + '-card', permission: ctx.id + ':read' })
  ctx.settings(defineSettings(object({ size: Joi.number().default(3) }), { version: 1 }))
  ctx.onStop(() => {})
`
