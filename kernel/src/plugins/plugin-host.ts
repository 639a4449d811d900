import { type Actor, type Knex, systemActor } from '@nusantara/sdk'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG, LOGGER } from '../config/token.js'
import { Live } from '../http/live.js'
import { Peers } from '../peers/peers.js'
import { discover } from './discovery.js'
import { DependencyDisabled, DependencyFailed, PluginRequired, PluginUnknown } from './errors.js'
import { Facades } from './facades.js'
import type { PluginRecord } from './plugin-record.js'
import { PluginRuns } from './plugin-runs.js'
import { type Decision, PluginStore } from './plugin-store.js'
import { Policies } from './policies.js'
import { resolve } from './resolution.js'

/** The plugins of this panel: finds them, starts those that are enabled in the order of their dependencies, stops them in reverse. */
@scoped(Lifecycle.ContainerScoped)
export class PluginHost {
  readonly #records = new Map<string, PluginRecord>()
  /** Dependencies first. */
  #order: readonly string[] = []
  #generation = 0
  /** Starts and stops happen one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #unfollow: (() => unknown)[] = []
  #tidying: Promise<void> | undefined

  constructor(
    private readonly runs: PluginRuns,
    private readonly store: PluginStore,
    private readonly policies: Policies,
    private readonly facades: Facades,
    private readonly peers: Peers,
    private readonly live: Live,
    @inject(CONFIG) private readonly config: Config,
    @inject(LOGGER) private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    this.facades.connect()
    await this.#find()
    // Before the set is read, so that no switch falls between the two.
    const look = () => {
      this.#exclusive(() => this.#reconcile()).catch(err => {
        this.log.error({ err }, 'could not follow which plugins another process switched')
      })
    }
    this.#unfollow.push(this.peers.on('plugins', look), this.peers.onGap(look), await this.peers.join())
    await this.#exclusive(() => this.#startAll())
    this.#tidying = this.#tidy()
  }

  async #startAll(): Promise<void> {
    const { generation, decisions } = await this.store.load()
    this.#generation = generation
    await this.#decideDefaults(decisions)
    for (const id of this.#order) {
      const record = this.#get(id)
      if (record.enabled) await this.#startOne(record, decisions.get(id)?.digest)
    }
  }

  async stop(): Promise<void> {
    for (const end of this.#unfollow.splice(0)) await end()
    await this.#tidying
    await this.#exclusive(async () => {
      for (const id of this.#order.toReversed()) await this.runs.stop(this.#get(id))
    })
  }

  /**
   * Starts a plugin now and remembers it. Plugins that were waiting for it start too.
   *
   * @throws PluginUnknown, DependencyDisabled, and why it cannot be used or did not start
   */
  enable(id: string, actor: Pick<Actor, 'id'>): Promise<PluginRecord> {
    return this.#exclusive(async () => {
      const record = this.#usable(id)
      if (record.state !== 'running') {
        this.#requireDependencies(record)
        if (!(await this.runs.start(record))) throw record.problem ?? PluginUnknown({ plugin: id })
      }
      try {
        await this.#decide(record, { enabled: true, digest: record.digest }, actor)
      } catch (error) {
        await this.#stopOne(record)
        throw error
      }
      await this.#startWaiting()
      this.#announce()
      return record
    })
  }

  /**
   * Remembers that the plugin is off and stops it now. Its data, and what it applied, stay.
   *
   * @throws PluginUnknown, PluginRequired
   */
  disable(id: string, actor: Pick<Actor, 'id'>): Promise<PluginRecord> {
    return this.#exclusive(async () => {
      const record = this.#get(id)
      const dependants = this.dependants(id).filter(other => this.#get(other).enabled)
      if (dependants.length > 0) throw PluginRequired({ plugin: id, dependants: dependants.join(', ') })
      await this.#decide(record, { enabled: false, digest: undefined }, actor)
      await this.#stopOne(record)
      this.#announce()
      return record
    })
  }

  /** Every plugin that was found, those that run in order of their start. */
  list(): readonly PluginRecord[] {
    const ordered = this.#order.map(id => this.#get(id))
    return [...ordered, ...[...this.#records.values()].filter(record => !this.#order.includes(record.id))]
  }

  /** @throws PluginUnknown */
  find(id: string): PluginRecord {
    return this.#get(id)
  }

  /** Plugins that cannot run without this one. */
  dependants(id: string): string[] {
    return this.list().flatMap(({ id: other, manifest }) => (id in (manifest?.dependencies ?? {}) ? [other] : []))
  }

  async #find(): Promise<void> {
    const found = await discover(this.config.pluginDirs)
    const { order, rejected, ignored } = resolve(
      found.flatMap(plugin => ('manifest' in plugin ? [plugin.manifest] : [])),
    )
    this.#order = order
    for (const plugin of found) {
      const manifest = 'manifest' in plugin ? plugin.manifest : undefined
      const problem = 'rejected' in plugin ? plugin.rejected : rejected.get(plugin.id)
      const { id, directory, bundled } = plugin
      this.#records.set(id, {
        id,
        directory,
        bundled,
        ...(manifest && { manifest }),
        state: problem ? 'rejected' : 'resolved',
        enabled: false,
        ...(problem && { problem }),
        ignored: ignored.filter(one => one.plugin === id),
        missing: [],
      })
      if (problem) this.log.warn({ plugin: id, code: problem.code, ...problem.params }, `plugin ${id} cannot be used`)
    }
    for (const { plugin, dependency, range, version } of ignored) {
      this.log.warn({ plugin, dependency, range, version }, `plugin ${plugin} runs without ${dependency} ${version}`)
    }
  }

  /** A fresh panel has every plugin it came with; in `sandbox`, where plugins are written, a new one is on at once. */
  async #decideDefaults(decisions: ReadonlyMap<string, Decision>): Promise<void> {
    const welcoming = decisions.size === 0 || this.config.profile === 'sandbox'
    for (const id of this.#order) {
      const record = this.#get(id)
      const decision = decisions.get(id)
      record.enabled = decision?.enabled ?? (record.bundled && welcoming)
      record.digest = decision?.digest
      if (!decision && record.enabled) {
        await this.#decide(record, { enabled: true, digest: undefined }, systemActor('kernel'))
      }
    }
  }

  async #startOne(record: PluginRecord, agreed: string | undefined): Promise<void> {
    const unusable = this.#unusableDependency(record)
    if (unusable) {
      record.state = unusable.enabled ? 'failed' : 'resolved'
      record.problem = (unusable.enabled ? DependencyFailed : DependencyDisabled)({
        plugin: record.id,
        dependency: unusable.id,
      })
      return
    }
    // Root agreed to what comes with the panel by installing it, and whoever writes a plugin changes its privileges all day;
    // to each change of another's an administrator agrees.
    const settled = record.bundled || this.config.profile === 'sandbox'
    const started = await this.runs.start(record, settled ? undefined : agreed)
    if (started && record.digest && record.digest !== agreed) {
      await this.#decide(record, { enabled: true, digest: record.digest }, systemActor('kernel'))
    }
  }

  async #stopOne(record: PluginRecord): Promise<void> {
    await this.runs.stop(record)
    if (record.manifest && record.state !== 'rejected') record.state = 'stopped'
    record.problem = undefined
    if (record.digest) await this.policies.disable(record.id)
    record.digest = undefined
  }

  async #startWaiting(): Promise<void> {
    for (const record of this.list()) {
      const waits = record.enabled && record.state !== 'running' && record.state !== 'rejected'
      if (waits && !this.#unusableDependency(record)) await this.#startOne(record, record.digest)
    }
  }

  /** Another process changed the set: do the same here. */
  async #reconcile(): Promise<void> {
    const { generation, decisions } = await this.store.load()
    if (generation === this.#generation) return
    this.#generation = generation
    for (const record of this.list().toReversed()) {
      const decision = decisions.get(record.id)
      record.enabled = decision?.enabled ?? false
      if (!record.enabled && record.state === 'running') await this.#stopOne(record)
      // What was agreed to elsewhere is agreed to here.
      if (record.state !== 'running') record.digest = decision?.digest
    }
    await this.#startWaiting()
    this.#announce()
  }

  /** To every open page: it may have more or less to show. */
  #announce(): void {
    this.live.publish('shell', { plugins: this.#generation })
  }

  async #tidy(): Promise<void> {
    try {
      const enabled = this.list().flatMap(({ id, enabled }) => (enabled ? [id] : []))
      await this.policies.disableOthers(new Set(enabled))
    } catch (err) {
      this.log.warn({ err }, 'could not ask the broker which privileges are in force')
    }
  }

  async #decide(record: PluginRecord, decision: Decision, actor: Pick<Actor, 'id'>): Promise<void> {
    // Heard if and only if it is decided, even when this process ends right after the commit.
    const tell = (trx: Knex.Transaction, generation: number) => this.peers.tellWith(trx, 'plugins', generation)
    this.#generation = await this.store.decide(record.id, decision, actor, tell)
    record.enabled = decision.enabled
  }

  #usable(id: string): PluginRecord {
    const record = this.#get(id)
    if (record.state === 'rejected') throw record.problem ?? PluginUnknown({ plugin: id })
    return record
  }

  #requireDependencies(record: PluginRecord): void {
    const unusable = this.#unusableDependency(record)
    if (unusable) throw DependencyDisabled({ plugin: record.id, dependency: unusable.id })
  }

  #unusableDependency({ manifest }: PluginRecord): PluginRecord | undefined {
    const dependencies = Object.keys(manifest?.dependencies ?? {}).map(id => this.#get(id))
    return dependencies.find(({ state }) => state !== 'running')
  }

  #get(id: string): PluginRecord {
    const record = this.#records.get(id)
    if (!record) throw PluginUnknown({ plugin: id })
    return record
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run)
    this.#last = result.catch(() => undefined)
    return result
  }
}
