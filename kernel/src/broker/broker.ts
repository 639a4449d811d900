import { mkdirSync } from 'node:fs'
import { HostAccounts, NumericAccounts } from './accounts.js'
import type { Changes } from './changes/index.js'
import type { BrokerConfig } from './config.js'
import { Host } from './host.js'
import { Journal } from './journal.js'
import { Lock } from './lock.js'
import { type BrokerParts, registerMethods } from './methods.js'
import { Operations } from './operations.js'
import { Policy } from './policy.js'
import { Rpc } from './rpc/rpc.js'
import { RpcServer } from './rpc/server.js'
import { type ServiceManager, Services } from './services.js'
import { makePassable } from './tenants/directories.js'
import { Tenants } from './tenants.js'

/** A whole broker: its parts, and the order in which they start and stop. */
export class Broker {
  private constructor(
    readonly parts: BrokerParts,
    private readonly changes: Changes,
    readonly server: RpcServer,
    private readonly lock: Lock,
  ) {}

  /**
   * Takes the lock, opens the journal, adopts services, recovers what a former broker left half done, and only then
   * opens the sockets. @throws Error that says what is in the way
   */
  static async start(config: BrokerConfig): Promise<Broker> {
    prepareRoots(config)
    const { state } = config.roots
    const lock = new Lock(`${state}/broker.lock`)
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
      })
      const accounts = config.profile === 'system' && host.isolation ? new HostAccounts() : new NumericAccounts()
      const tenants = new Tenants(host, `${state}/tenants`, accounts)
      const services = new Services(host, policy, await serviceManager(host, state))
      const operations = new Operations(host, policy, journal)
      const parts = { host, journal, policy, services, tenants, operations }
      const rpc = new Rpc()
      registerMethods(rpc, parts)
      const { recoverChanges, registerChanges } = await import('./changes/index.js')
      const deps = { ...parts, config }
      operations.reconcile()
      // Configuration first, then what reads it: a service must not start on half a change.
      const changes = await recoverChanges(deps)
      await services.restore()
      for (const seq of journal.openIntents())
        await journal.result(seq, 'unknown', { reason: 'the broker ended before the result was known' })
      registerChanges(rpc, deps)
      const server = new RpcServer(rpc, config)
      await server.open()
      return new Broker(parts, changes, server, lock)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  /** Answers what runs, then lets go of everything. Services run on, to be adopted, unless told otherwise. */
  async stop(options: { readonly services: boolean }): Promise<void> {
    await this.server.close()
    if (options.services) await this.parts.services.stopAll()
    this.parts.services.close()
    await this.changes.close()
    // A full disk must not keep the broker from ending.
    await this.parts.journal.checkpoint().catch(error => process.stderr.write(`${(error as Error).message}\n`))
    await this.parts.journal.close()
    this.lock.release()
  }
}

function prepareRoots(config: BrokerConfig): void {
  mkdirSync(config.roots.state, { recursive: true, mode: 0o700 })
  if (config.profile !== 'sandbox') return
  for (const root of [config.roots.etc, config.roots.run, config.roots.log, config.roots.www]) makePassable(root)
}

/** Only the manager of this profile is loaded. */
async function serviceManager(host: Host, state: string): Promise<ServiceManager> {
  if (host.profile === 'system') return new (await import('./services/systemd-services.js')).SystemdServices()
  return new (await import('./services/sandbox-services.js')).SandboxServices(host, `${state}/services`)
}
