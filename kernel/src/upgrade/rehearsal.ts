import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Config } from '../config/config.js'
import { prepareHome } from '../config/load.js'
import { request } from '../host/node-http.js'
import { ensurePanelCertificate } from '../host/panel-certificate.js'
import { createPanel } from '../panel.js'
import { PluginHost } from '../plugins/plugin-host.js'
import { State } from '../state/state.js'
import { RehearsalUnanswered } from './errors.js'
import { upgradeDirectory } from './kept-state.js'
import { migrationOwners } from './migration-owners.js'
import { copyStore } from './store-copy.js'

/** What a plugin meets in a rehearsal, where no broker is. */
const expected = new Set(['broker_unavailable', 'plugin_dependency_failed'])
const answerMs = 10_000

/**
 * Tries this version on the state without touching it. An embedded store is copied, and a panel of this version migrates
 * the copy and answers from it: without the broker, without jobs, on no port that anybody knows. The migrations of a
 * shared store are applied in one transaction that is rolled back.
 *
 * @throws Problem: why this version cannot take the state over
 */
export async function rehearse(config: Config): Promise<void> {
  if (config.databaseUrl) return rehearseMigrations(config)
  const home = join(upgradeDirectory(config.home), 'rehearsal')
  await rm(home, { recursive: true, force: true })
  try {
    await copyHome(config.home, home)
    await rehearsePanel(config, home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function copyHome(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!entry.isFile() || /^panel\.(?:sqlite|log)/.test(entry.name)) continue
    await copyFile(join(from, entry.name), join(to, entry.name))
  }
  const store = join(from, 'panel.sqlite')
  if (existsSync(store)) await copyStore(store, join(to, 'panel.sqlite'))
}

async function rehearsePanel(config: Config, home: string): Promise<void> {
  await prepareHome(home)
  await ensurePanelCertificate(home, config.hosts)
  const { audit: _, ...rest } = config
  const alone: Config = {
    ...rest,
    home,
    port: 0,
    listen: ['127.0.0.1'],
    roles: ['web'],
    cliSocket: join(home, 'run', 'panel.sock'),
    brokerSocket: join(home, 'run', 'broker.sock'),
  }
  const panel = await createPanel(alone, pino({ level: 'silent' }))
  try {
    await panel.start()
    for (const { problem } of panel.container.resolve(PluginHost).list()) {
      if (problem && !expected.has(problem.code)) throw problem
    }
    await answers(join(home, 'run', 'panel.sock'))
  } finally {
    await panel.stop()
  }
}

/** @throws RehearsalUnanswered */
async function answers(socketPath: string): Promise<void> {
  const status = await new Promise<number>((resolve, reject) => {
    const asked = request(
      { socketPath, path: '/healthz', headers: { Host: 'localhost' }, timeout: answerMs },
      answer => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      },
    )
    asked.on('timeout', () => asked.destroy(RehearsalUnanswered({ reason: `nothing within ${answerMs / 1000} s` })))
    asked.on('error', reject)
    asked.end()
  })
  if (status !== 200) throw RehearsalUnanswered({ reason: `HTTP ${status}` })
}

async function rehearseMigrations(config: Config): Promise<void> {
  const state = await State.open(config)
  try {
    await state.rehearseMigrations(await migrationOwners(state, config.pluginDirs))
  } finally {
    await state.close()
  }
}
