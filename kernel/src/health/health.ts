import type { Scope } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { BrokerClient } from '../broker-client/broker-client.js'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { Outbox } from '../events/outbox.js'
import { Hooks } from '../hooks/hooks.js'
import { PluginHost } from '../plugins/plugin-host.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import {
  checkAudit,
  checkBroker,
  checkCertificate,
  checkDrift,
  checkPermissions,
  checkPlugins,
  secretFiles,
} from './checks.js'
import { checkByPlugins } from './checks-of-plugins.js'
import { checkOwnPorts } from './checks-of-ports.js'
import { checkClock, checkIntegrity, checkState } from './checks-of-state.js'
import { checkMigrations } from './checks-of-versions.js'
import { checkEvents, checkJobs, checkTaps } from './checks-of-work.js'
import { checked, type Finding, inOrder } from './finding.js'
import { hostFindings } from './host-findings.js'

/** What the panel finds when it examines itself, and what plugins add through `health.check`. */
@scoped(Lifecycle.ContainerScoped)
export class Health {
  constructor(
    private readonly state: State,
    private readonly broker: BrokerClient,
    private readonly audit: AuditLog,
    private readonly plugins: PluginHost,
    private readonly hooks: Hooks,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @inject(CONFIG) private readonly config: Config,
  ) {}

  /** Every finding, by group and in the order of the checks. */
  async examine(scope: Scope): Promise<readonly Finding[]> {
    const { home } = this.config
    const now = this.clock.now()
    const found = await Promise.all([
      checked('ports', async () => checkOwnPorts(this.config)),
      this.#host(),
      checked('state', () => checkState(this.state)),
      checked('integrity', () => checkIntegrity(this.state, home)),
      checked('versions', () => checkMigrations(this.state, this.config.profile)),
      checked('plugins', async () => checkPlugins(this.plugins)),
      checked('taps', async () => checkTaps(this.hooks, this.plugins)),
      checked('clock', () => checkClock(this.state, () => this.clock.now())),
      checked('certificate', () => checkCertificate(this.config, now)),
      checked('permissions', () => checkPermissions(home, secretFiles)),
      checked('audit', () => checkAudit(this.audit)),
      checked('events', () => checkEvents(this.outbox)),
      checked('jobs', () => checkJobs(this.state, now)),
      checked('drift', () => checkDrift(() => this.#drift())),
      checked('check', () => checkByPlugins(this.hooks, scope)),
    ])
    return inOrder(found.flat())
  }

  /** What the broker says; where it is silent, what can be seen without it. */
  async #host(): Promise<readonly Finding[]> {
    const { findings, report } = await checkBroker(this.broker, this.config.profile)
    return [...findings, ...(await hostFindings(this.config, report))]
  }

  /** Managed files that differ from what was last applied, of every plugin in force. */
  async #drift() {
    const { policies } = await this.broker.call('policy.describe', {})
    const actor = { kind: 'system', id: 'system:health', name: 'health' }
    const enabled = policies.filter(policy => policy.state === 'enabled')
    const found = await Promise.all(
      enabled.map(({ plugin, digest }) => this.broker.call('change.drift', { plugin, policy: digest, actor })),
    )
    return found.flatMap(({ files }) => files)
  }
}
