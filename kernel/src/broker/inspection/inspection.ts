import { roomAt } from '../../host/file-system.js'
import type { BrokerConfig } from '../config.js'
import { hostDistribution, knownDistributions } from '../policy/versions.js'
import type { Policy } from '../policy.js'
import type { Services } from '../services.js'
import { clockSynchronized } from './clock.js'
import type { HostFacts, UnitFacts } from './facts.js'
import { type MachineFacts, measureMachine } from './machine.js'
import { inspectPermissions } from './permissions.js'
import { inspectPorts } from './ports.js'
import { systemdUnits } from './units.js'
import { upgradeRecord, upgradeTakenBack } from './upgrade.js'

/** What a broker that runs knows about its services. */
export interface RunningServices {
  readonly pids: ReadonlySet<number>
  /** Names of units of the host; in a sandbox, the services themselves. */
  readonly units: readonly string[]
  readonly supervised: readonly UnitFacts[]
}

/** Looks at the host as it is now. Without a broker, whatever needs no services is known all the same. */
export async function inspectHost(
  config: BrokerConfig,
  configFile: string,
  running?: RunningServices,
): Promise<HostFacts> {
  const { state, log, www } = config.roots
  const system = config.profile === 'system'
  const [units, permissions, synchronized, ...disks] = await Promise.all([
    system ? systemdUnits(running?.units ?? []) : (running?.supervised ?? []),
    inspectPermissions(config, configFile),
    clockSynchronized(),
    ...[state, config.journalDir, log, www].map(async path => ({ path, ...(await roomAt(path)) })),
  ])
  const { faults, looked } = permissions
  const upgrade = upgradeTakenBack(upgradeRecord(state))
  const distribution = hostDistribution()
  return {
    profile: config.profile,
    units,
    ...{ permissions: permissions.permissions, faults, looked },
    ports: inspectPorts(config.ports, running?.pids),
    public: config.ports,
    disks,
    ...(synchronized !== undefined && { clockSynchronized: synchronized }),
    distribution,
    known: knownDistributions(config.versionsFile).has(distribution),
    runtime: process.version,
    ...(upgrade && { upgrade }),
  }
}

/** Answers `host.inspect`. Whoever asks while it looks gets the same answer: a look at every file is dear. */
export class Inspection {
  #looking: Promise<HostFacts> | undefined

  constructor(
    private readonly config: BrokerConfig,
    private readonly configFile: string,
    private readonly policy: Policy,
    private readonly services: Services,
  ) {}

  look(): Promise<HostFacts> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Answers `host.measure`. */
  measure(): Promise<MachineFacts> {
    return measureMachine(this.config)
  }

  async #look(): Promise<HostFacts> {
    return inspectHost(this.config, this.configFile, await this.#running())
  }

  async #running(): Promise<RunningServices> {
    const fixed = this.policy.enabledServices().flatMap(ref => {
      try {
        const { unit, rule } = this.services.resolve(ref)
        // Whoever may only ask how a service is does not look after it.
        return rule.verbs.some(verb => verb !== 'status') ? [{ ref, unit }] : []
      } catch {
        // One instance for each tenant or version: those that systemd knows are looked at by their names.
        return []
      }
    })
    const listed = await this.services.list()
    // A sandbox lists all that it runs.
    const asked = this.config.profile === 'system' ? fixed : []
    const pids = await Promise.all(asked.map(({ ref }) => this.services.pids(ref).catch(() => [])))
    return {
      pids: new Set([...pids.flat(), ...listed.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))]),
      units: fixed.map(({ unit }) => unit),
      supervised: listed.map(({ plugin, service, tenant, active, wanted, detail = '' }) => ({
        unit: [plugin, service, ...(tenant === undefined ? [] : [tenant])].join('/'),
        load: 'loaded',
        active: active ? 'active' : wanted ? 'failed' : 'inactive',
        sub: '',
        result: detail,
        enabled: wanted ? 'enabled' : 'disabled',
        type: '',
        listens: [],
      })),
    }
  }
}
