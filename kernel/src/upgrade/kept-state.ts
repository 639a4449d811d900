import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { State } from '../state/state.js'
import { migrationOwners } from './migration-owners.js'
import { copyDurably, copyStore, replaceStore } from './store-copy.js'

type Kept = Pick<Config, 'home' | 'databaseUrl' | 'pluginDirs'>

/** Where an upgrade keeps what it may need again, below the state directory. */
export const upgradeDirectory = (home: string) => join(home, 'upgrade')
const storeOf = (home: string) => join(home, 'panel.sqlite')
const copyOf = (home: string) => join(upgradeDirectory(home), 'panel.sqlite')
/** The newest signature of the audit log. It must not be of a later state than the store, or the log seems cut. */
const checkpointOf = (home: string) => join(home, 'audit-checkpoint.json')
const stepsOf = (home: string) => join(upgradeDirectory(home), 'steps.json')

/**
 * Keeps what brings the state back to how it is now: of an embedded store a copy; of a shared one, which this machine
 * cannot copy, the names of the migrations that it has.
 */
export async function keepState(config: Kept): Promise<void> {
  await mkdir(upgradeDirectory(config.home), { recursive: true, mode: 0o700 })
  if (config.databaseUrl) return keepSteps(config)
  if (!existsSync(storeOf(config.home))) return
  await replaceOrRemove(checkpointOf(upgradeDirectory(config.home)), checkpointOf(config.home))
  await copyStore(storeOf(config.home), copyOf(config.home))
}

/**
 * Brings back what `keepState` kept; nobody has the store open. In a shared store the later migrations are taken back by
 * their own `down`, so what others wrote meanwhile stays.
 */
export async function putStateBack(config: Kept): Promise<void> {
  if (config.databaseUrl) return takeStepsBack(config)
  if (!existsSync(copyOf(config.home))) return
  // Before the store, whose copy says that something is left to put back.
  await replaceOrRemove(checkpointOf(config.home), checkpointOf(upgradeDirectory(config.home)))
  await replaceStore(storeOf(config.home), copyOf(config.home))
}

export async function discardKeptState({ home }: Pick<Config, 'home'>): Promise<void> {
  await rm(upgradeDirectory(home), { recursive: true, force: true })
}

async function replaceOrRemove(file: string, by: string): Promise<void> {
  if (existsSync(by)) await copyDurably(by, file)
  else await rm(file, { force: true })
}

async function keepSteps(config: Kept): Promise<void> {
  const state = await State.open(config)
  try {
    const steps: Record<string, readonly string[]> = {}
    for (const { owner } of await migrationOwners(state, config.pluginDirs)) steps[owner] = await state.applied(owner)
    await writeFile(`${stepsOf(config.home)}.new`, JSON.stringify(steps))
    await rename(`${stepsOf(config.home)}.new`, stepsOf(config.home))
  } finally {
    await state.close()
  }
}

async function takeStepsBack(config: Kept): Promise<void> {
  if (!existsSync(stepsOf(config.home))) return
  const steps = JSON.parse(await readFile(stepsOf(config.home), 'utf8')) as Record<string, readonly string[]>
  const state = await State.open(config)
  try {
    // Plugins' tables may refer to the kernel's.
    const owners = (await migrationOwners(state, config.pluginDirs)).toReversed()
    for (const { owner, directory } of owners) await state.rollbackTo(steps[owner] ?? [], owner, directory)
  } finally {
    await state.close()
  }
}
