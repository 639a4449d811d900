import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { PolicyInfo } from '../broker/protocol.js'
import { BrokerClient } from '../broker-client/broker-client.js'
import { PrivilegesChanged, PrivilegesRefused } from './errors.js'

/** What the broker thinks of the plugins' `privileges.json`. The panel only ever names a plugin and a digest. */
@scoped(Lifecycle.ContainerScoped)
export class Policies {
  constructor(private readonly client: BrokerClient) {}

  /** Whether the plugin asks for privileges at all. */
  async asked(directory: string): Promise<boolean> {
    return access(join(directory, 'privileges.json')).then(
      () => true,
      () => false,
    )
  }

  async describe(plugin: string): Promise<PolicyInfo | undefined> {
    const { policies } = await this.client.call('policy.describe', { plugin })
    return policies.find(policy => policy.plugin === plugin)
  }

  /**
   * Puts the privileges in force.
   *
   * @param agreed digest that was agreed to before; absent when enabling is the agreement
   * @returns the digest in force
   * @throws PrivilegesChanged, PrivilegesRefused, and what the broker says
   */
  async enable(plugin: string, agreed: string | undefined): Promise<string> {
    const info = await this.describe(plugin)
    if (!info) throw PrivilegesRefused({ plugin, reason: 'the broker does not know the plugin' })
    if (info.state === 'rejected') throw PrivilegesRefused({ plugin, reason: info.reason ?? 'rejected' })
    if (agreed && agreed !== info.digest) throw PrivilegesChanged({ plugin })
    if (info.state !== 'enabled') await this.client.call('policy.enable', { plugin, digest: info.digest })
    return info.digest
  }

  /** A broker that is away has nothing in force for the panel to use; the next start tells it again. */
  async disable(plugin: string): Promise<void> {
    try {
      await this.client.call('policy.disable', { plugin })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
    }
  }

  /** Takes back what is in force for plugins that are not enabled any more. */
  async disableOthers(enabled: ReadonlySet<string>): Promise<void> {
    const { policies } = await this.client.call('policy.describe', {})
    for (const { plugin, state } of policies) {
      if (state === 'enabled' && !enabled.has(plugin)) await this.disable(plugin)
    }
  }
}
