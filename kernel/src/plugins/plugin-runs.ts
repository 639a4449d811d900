import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { kernelHooks, type PluginBroker, type PluginDefinition, Problem } from '@nusantara/sdk'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { BrokerClient } from '../broker-client/broker-client.js'
import { pluginBroker } from '../broker-client/plugin-broker.js'
import { ChangeLog } from '../changes/change-log.js'
import { recordedBroker } from '../changes/recorded-broker.js'
import { LOGGER } from '../config/token.js'
import { Events } from '../events/events.js'
import { Hooks } from '../hooks/hooks.js'
import { UiRegistry } from '../http/ui-registry.js'
import { Catalogues, type Messages } from '../i18n/catalogues.js'
import { Jobs } from '../jobs/jobs.js'
import { Access } from '../rbac/access.js'
import { Settings } from '../settings/settings.js'
import { State } from '../state/state.js'
import { missingConditions } from './conditions.js'
import { ContextFactory } from './context-factory.js'
import { PluginStartFailed, PluginStartTimeout } from './errors.js'
import { Facades, kernelScope } from './facades.js'
import { Lifetime } from './lifetime.js'
import type { Manifest } from './manifest.js'
import type { PluginRecord } from './plugin-record.js'
import { Policies } from './policies.js'
import { withTimeLimit } from './time-limit.js'

/** Starts and stops one plugin at a time; knows nothing of the others. */
@scoped(Lifecycle.ContainerScoped)
export class PluginRuns {
  /** Milliseconds. */
  readonly limits: { start: number; stop: number } = { start: 30_000, stop: 10_000 }

  constructor(
    private readonly contexts: ContextFactory,
    private readonly facades: Facades,
    private readonly hooks: Hooks,
    private readonly access: Access,
    private readonly catalogues: Catalogues,
    private readonly ui: UiRegistry,
    private readonly events: Events,
    private readonly settings: Settings,
    private readonly state: State,
    private readonly policies: Policies,
    private readonly jobs: Jobs,
    private readonly broker: BrokerClient,
    private readonly changes: ChangeLog,
    @inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Ends in state `running`, or `failed` with the reason in the record and nothing left of the attempt.
   *
   * @param agreed digest of the privileges that somebody agreed to earlier
   */
  async start(record: PluginRecord, agreed?: string): Promise<boolean> {
    const { manifest } = record
    if (!manifest) return false
    const identity = { id: manifest.id, version: manifest.version }
    const lifetime = new Lifetime(manifest.id)
    const began = performance.now()
    const heap = process.memoryUsage().heapUsed
    record.state = 'starting'
    record.problem = undefined
    await this.hooks.call(kernelHooks.lifecycle.starting, kernelScope(), identity)
    try {
      await this.#start(record, manifest, lifetime, agreed)
    } catch (error) {
      await this.#failed(record, lifetime, error)
      return false
    }
    record.lifetime = lifetime
    record.state = 'running'
    record.cost = {
      startMs: Math.round((performance.now() - began) * 10) / 10,
      heapBytes: Math.max(0, process.memoryUsage().heapUsed - heap),
    }
    await this.hooks.call(kernelHooks.lifecycle.started, kernelScope(), identity)
    return true
  }

  /** Takes no new work, drains its jobs, then takes everything back. What does not end in time is named and left behind; its context is dead. */
  async stop(record: PluginRecord): Promise<void> {
    const { manifest, lifetime } = record
    if (!manifest || !lifetime) return
    const identity = { id: manifest.id, version: manifest.version }
    record.state = 'stopping'
    await this.hooks.call(kernelHooks.lifecycle.stopping, kernelScope(), identity)
    await lifetime.closeIntake()
    await this.jobs.drain(manifest.id)
    await this.#end(lifetime)
    record.lifetime = undefined
    record.cost = undefined
    record.state = 'stopped'
    await this.hooks.call(kernelHooks.lifecycle.stopped, kernelScope(), identity)
  }

  async #start(record: PluginRecord, manifest: Manifest, lifetime: Lifetime, agreed?: string): Promise<void> {
    const { id } = manifest
    const loading = load(record.directory, manifest)
    // Whatever fails first is reported; the other must not become an unhandled rejection.
    loading.catch(() => undefined)
    record.missing = await missingConditions(manifest.conditions)
    lifetime.own(this.access.define(id, manifest.permissions ?? {}))
    for (const [locale, messages] of await catalogues(record.directory)) {
      lifetime.own(this.catalogues.add(id, locale, messages))
    }
    const { ui } = manifest.entry
    if (ui) lifetime.own(this.ui.addBundle(id, dirname(join(record.directory, ui))))
    const migrations = await migrationsOf(record.directory)
    if (migrations) await this.state.migratePlugin(id, migrations)
    const broker = await this.#broker(record, manifest, agreed)
    if (broker) {
      this.facades.brokers.set(id, broker)
      lifetime.own(() => this.facades.brokers.delete(id))
    }
    const subscription = this.events.subscribe(id)
    lifetime.own(() => subscription.stop())
    const definition = await loading
    const context = this.contexts.create({ manifest, lifetime, broker, subscription })
    const late = () => PluginStartTimeout({ plugin: id, seconds: this.limits.start / 1000 })
    await withTimeLimit(definition.start(context), this.limits.start, late)
    await this.settings.verify(id)
    subscription.wake()
  }

  async #broker(
    record: PluginRecord,
    { id, capabilities }: Manifest,
    agreed?: string,
  ): Promise<PluginBroker | undefined> {
    if (!capabilities.includes('broker') || !(await this.policies.asked(record.directory))) return undefined
    record.digest = await this.policies.enable(id, agreed)
    return recordedBroker(pluginBroker(this.broker, id, record.digest), id, this.changes)
  }

  async #failed(record: PluginRecord, lifetime: Lifetime, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error)
    const problem =
      error instanceof Problem ? error : PluginStartFailed({ plugin: record.id, reason }, { cause: error })
    await this.#end(lifetime)
    // What does not run needs no privileges, unless it runs in another process of this state. The digest stays: it was agreed to.
    if (record.digest && this.state.dialect === 'sqlite') await this.policies.disable(record.id)
    record.state = 'failed'
    record.problem = problem
    this.log.error({ plugin: record.id, code: problem.code, err: error }, `plugin ${record.id} did not start`)
    const identity = { id: record.id, version: record.manifest?.version ?? '' }
    const why = { code: `problem.${problem.code}`, params: problem.params }
    await this.hooks.call(kernelHooks.lifecycle.failed, kernelScope(), identity, why)
  }

  async #end(lifetime: Lifetime): Promise<void> {
    const { plugin } = lifetime
    const late = () => new Error(`it did not give back what it took within ${this.limits.stop / 1000} s`)
    try {
      const failures = await withTimeLimit(lifetime.end(), this.limits.stop, late)
      for (const err of failures) this.log.error({ plugin, err }, `plugin ${plugin} did not stop cleanly`)
    } catch (err) {
      this.log.error({ plugin, err }, `plugin ${plugin} did not stop in time`)
    }
  }
}

async function load(directory: string, { entry }: Manifest): Promise<PluginDefinition> {
  const file = join(directory, entry.server)
  const module = (await import(pathToFileURL(file).href)) as { default?: Partial<PluginDefinition> }
  const definition = module.default
  if (typeof definition?.start !== 'function') {
    throw new TypeError(`${file} has no default export made by definePlugin({ start })`)
  }
  return definition as PluginDefinition
}

/** `locales/<language>.json`. */
async function catalogues(directory: string): Promise<[locale: string, Messages][]> {
  const files = (await list(join(directory, 'locales'))).filter(file => /^[a-z]{2}\.json$/.test(file))
  return Promise.all(
    files.map(async (file): Promise<[string, Messages]> => {
      const text = await readFile(join(directory, 'locales', file), 'utf8')
      return [file.slice(0, 2), JSON.parse(text) as Messages]
    }),
  )
}

/** Compiled steps in `dist/migrations`, or plain ones in `migrations`. */
export async function migrationsOf(directory: string): Promise<string | undefined> {
  for (const candidate of [join(directory, 'dist', 'migrations'), join(directory, 'migrations')]) {
    if ((await list(candidate)).some(file => /^\d{4}_.*\.js$/.test(file))) return candidate
  }
  return undefined
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
