import { mkdirSync } from 'node:fs'
import type { HandedSockets } from '../host/handed-sockets.js'
import { nodeFlags } from '../host/node-flags.js'
import { programFile } from '../host/places.js'
import { HostAccounts, inTransientUnits, NumericAccounts } from './accounts.js'
import { Changes, registerChanges } from './changes/index.js'
import type { BrokerConfig } from './config.js'
import type { DeadlineGuard } from './deadlines/guard.js'
import { PendingDeadlines } from './deadlines/pending.js'
import { Host } from './host.js'
import type { Activity } from './idle.js'
import { Inspection } from './inspection/inspection.js'
import { Journal } from './journal.js'
import { registerKeys } from './keys/index.js'
import { Lock, type Role } from './lock.js'
import { type BrokerParts, registerMethods } from './methods.js'
import { Operations } from './operations.js'
import { hostPackages, registerPackages } from './packages/index.js'
import { guardDirectory } from './policy/source.js'
import { Policy } from './policy.js'
import { Rpc } from './rpc/rpc.js'
import { RpcServer } from './rpc/server.js'
import { type ServiceManager, Services } from './services.js'
import { makePassable } from './tenants/directories.js'
import { Tenants } from './tenants.js'
import { TransientUnits } from './transient-unit.js'
import { noWakeTimer, registerWakeTimer, SystemdWakeTimer, type WakeTimer } from './wake-timer.js'

/** A whole broker: its parts, and the order in which they start and stop. */
export class Broker {
  #server: RpcServer | undefined

  private constructor(
    readonly parts: BrokerParts,
    private readonly changes: Changes,
    private readonly guard: DeadlineGuard,
    private readonly rpc: Rpc,
    private readonly lock: Lock,
    private readonly wake: WakeTimer | undefined,
  ) {}

  /**
   * Takes the lock, opens the journal, adopts services, puts right what a former broker left half done, and only then
   * starts what should run. Sockets are opened by {@link serve}.
   *
   * @param configFile absolute path of the file that the configuration was read from
   * @param wake who starts the panel at a time; default: by the profile
   * @throws Error that says what is in the way
   */
  static async start(
    config: BrokerConfig,
    configFile: string,
    role: Role = 'broker',
    wake?: WakeTimer,
  ): Promise<Broker> {
    prepareRoots(config)
    const { state } = config.roots
    const lock =
      role === 'broker' ? await Lock.acquire(`${state}/broker.lock`, role) : new Lock(`${state}/broker.lock`, role)
    try {
      const host = new Host(config)
      const journal = await Journal.open({
        directory: config.journalDir,
        keyFile: `${state}/journal.key`,
        headFile: `${state}/journal.head`,
      })
      const policy = new Policy({
        pluginDirs: config.pluginDirs,
        versionsFile: config.versionsFile,
        stateFile: `${state}/policy.json`,
        grantsDirectory: `${state}/grants`,
      })
      const named = config.profile === 'system' && host.isolation
      const accounts = named
        ? new HostAccounts(inTransientUnits(new TransientUnits(`${state}/transient`)))
        : new NumericAccounts()
      const tenants = new Tenants(host, `${state}/tenants`, accounts)
      const services = new Services(host, policy, await serviceManager(host, state))
      const operations = new Operations(host, policy, journal)
      const packages = await hostPackages({ host, policy, journal })
      const inspection = new Inspection(config, configFile, policy, services)
      const parts = { host, journal, policy, services, tenants, operations, packages, inspection }
      const rpc = new Rpc()
      const guard = await deadlineGuard(host, configFile)
      operations.reconcile()
      const changes = await Changes.recover({
        ...parts,
        guard,
        newestConnection: () => rpc.newestConnection,
        now: () => new Date(),
        warn: message => process.stderr.write(`${message}\n`),
      })
      // Configuration first, then what reads it: no service starts on half a change, or on one whose time is over.
      await services.adopt()
      await changes.runOut()
      if (role === 'broker') await services.revive()
      for (const seq of journal.openIntents())
        await journal.result(seq, 'unknown', { reason: 'the broker ended before the result was known' })
      return new Broker(parts, changes, guard, rpc, lock, wake)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  /** Answers requests from now on. */
  async serve(config: Pick<BrokerConfig, 'socketDir' | 'panelGroup'>, handed?: HandedSockets): Promise<RpcServer> {
    registerMethods(this.rpc, this.parts)
    registerChanges(this.rpc, this.changes)
    registerWakeTimer(this.rpc, this.parts.journal, this.wake ?? (await wakeTimer(this.parts.host)))
    registerPackages(this.rpc, this.parts.packages)
    registerKeys(this.rpc, this.parts)
    void this.changes.resume()
    this.#server = new RpcServer(this.rpc, config)
    await this.#server.open(handed)
    return this.#server
  }

  /** Whether it has something to do, and when somebody was last there. */
  get activity(): Activity {
    const { changes, rpc } = this
    const server = this.#server as RpcServer
    return {
      busy: () => server.connections > 0 || rpc.running > 0 || changes.busy,
      get lastSeen() {
        return server.lastSeen
      },
    }
  }

  /** Finishes what was left to do, without answering anybody. */
  settle(): Promise<void> {
    return this.changes.resume()
  }

  /** Answers what runs, then lets go of everything. Services run on, to be adopted, unless told otherwise. */
  async stop(options: { readonly services: boolean }): Promise<void> {
    await this.#server?.close()
    if (options.services) {
      this.guard.stop()
      await this.parts.services.stopAll()
    }
    this.parts.services.close()
    await this.changes.close()
    // A full disk must not keep the broker from ending.
    await this.parts.journal.checkpointNews().catch(error => process.stderr.write(`${(error as Error).message}\n`))
    await this.parts.journal.close()
    this.lock.release()
  }
}

function prepareRoots(config: BrokerConfig): void {
  mkdirSync(config.roots.state, { recursive: true, mode: 0o700 })
  guardDirectory(config.roots.state)
  if (config.profile !== 'sandbox') return
  for (const root of [config.roots.etc, config.roots.run, config.roots.log, config.roots.www]) makePassable(root)
}

/** Only the manager of this profile is loaded. */
async function serviceManager(host: Host, state: string): Promise<ServiceManager> {
  if (host.profile === 'system') return new (await import('./services/systemd-services.js')).SystemdServices()
  return new (await import('./services/sandbox-services.js')).SandboxServices(host, `${state}/services`)
}

async function wakeTimer({ profile, roots }: Host): Promise<WakeTimer> {
  if (profile !== 'system') return noWakeTimer
  const { execute } = await import('./deadlines/systemd-timer.js')
  return new SystemdWakeTimer(`${roots.etc}/systemd/system/nusantara-wake.timer.d`, `${roots.state}/wake.json`, execute)
}

/** Who keeps the deadlines of changes when this process is dead. */
async function deadlineGuard({ profile, roots }: Host, configFile: string): Promise<DeadlineGuard> {
  const pending = new PendingDeadlines(`${roots.state}/deadlines`)
  const recover = programFile('broker/recover.js')
  const command = [process.execPath, ...nodeFlags.broker, recover, configFile] as [string, ...string[]]
  if (profile === 'system') return new (await import('./deadlines/systemd-timer.js')).SystemdTimers(pending, command)
  const { Watcher } = await import('./deadlines/watcher.js')
  return new Watcher(pending, [...command, '--wait'], `${roots.log}/deadlines.log`)
}
