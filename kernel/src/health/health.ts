import { join } from 'node:path'
import { type HealthReport, kernelHooks, type Scope } from '@nusantara/sdk'
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
  checkDisk,
  checkDrift,
  checkPermissions,
  checkPlugins,
} from './checks.js'
import { checkClock, checkIntegrity, checkState } from './checks-of-state.js'
import { checkEvents, checkJobs, checkTaps } from './checks-of-work.js'
import { type Finding, finding, reasonOf } from './finding.js'

const secretFiles = ['tls-key.pem', 'pepper', 'secret-key', 'audit-key', 'setup-token', 'panel.sqlite']

function fromPlugin({ name, status, detail }: HealthReport): Finding {
  const message = detail ?? { code: name }
  return { id: name, status: status === 'degraded' ? 'warning' : status, message }
}

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

  async examine(scope: Scope): Promise<readonly Finding[]> {
    const { home } = this.config
    const now = this.clock.now()
    const own = await Promise.all([
      checked('state', () => checkState(this.state)),
      checked('integrity', () => checkIntegrity(this.state, home)),
      checked('clock', () => checkClock(this.state, () => this.clock.now())),
      checked('broker', () => checkBroker(this.broker)),
      checked('certificate', () => checkCertificate(home, now)),
      checked('disk', () => checkDisk(home)),
      checked('permissions', () => checkPermissions(secretFiles.map(name => join(home, name)))),
      checked('plugins', async () => checkPlugins(this.plugins)),
      checked('taps', async () => checkTaps(this.hooks, this.plugins)),
      checked('events', () => checkEvents(this.outbox)),
      checked('jobs', () => checkJobs(this.state, now)),
      checked('audit', () => checkAudit(this.audit)),
      checked('drift', () => checkDrift(() => this.#drift())),
    ])
    const added = await this.hooks.call(kernelHooks.health.check, scope)
    return [...own.flat(), ...added.map(fromPlugin)]
  }

  /** Managed files that differ from what was last applied, of every plugin in force. */
  async #drift(): Promise<readonly { readonly path: string }[]> {
    const { policies } = await this.broker.call('policy.describe', {})
    const actor = { kind: 'system', id: 'system:health', name: 'health' }
    const enabled = policies.filter(policy => policy.state === 'enabled')
    const found = await Promise.all(
      enabled.map(({ plugin, digest }) => this.broker.call('change.drift', { plugin, policy: digest, actor })),
    )
    return found.flatMap(({ files }) => files)
  }
}

/** A check that cannot be made is a finding like any other, and keeps no other from being made. */
async function checked(id: string, check: () => Promise<Finding | readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return [await check()].flat()
  } catch (error) {
    return [{ ...finding('broken', 'failed', { check: id, reason: reasonOf(error) }), id }]
  }
}
