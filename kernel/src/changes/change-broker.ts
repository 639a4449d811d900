import { createHash } from 'node:crypto'
import type { Actor, ChangeResult } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { PlanOutdated } from '../broker/errors.js'
import type { Methods, Origin } from '../broker/protocol.js'
import { BrokerClient } from '../broker-client/broker-client.js'
import { PluginWithoutPolicy } from './errors.js'

type DriftedFile = Methods['change.drift']['result']['files'][number]
/** The hash is of the edit as it is now. */
export type Drift = DriftedFile & { readonly plugin: string; readonly hash: string }

export interface Settlement {
  readonly plugin: string
  readonly path: string
  readonly action: 'adopt' | 'discard'
  readonly hash?: string
}

/** The broker's methods about changes, asked by an administrator on behalf of whichever plugin a change belongs to. */
@scoped(Lifecycle.ContainerScoped)
export class ChangeBroker {
  constructor(private readonly client: BrokerClient) {}

  async describe(plugin: string, changeId: string, actor: Actor): Promise<Methods['change.describe']['result']> {
    return this.client.call('change.describe', { ...(await this.#origin(plugin, actor)), changeId, diff: true })
  }

  /** @throws change_conflict when the files changed since, change_expired when what it replaced is no longer kept */
  async revert(
    plugin: string,
    changeId: string,
    options: { readonly revertId: string; readonly attempt: number; readonly actor: Actor; readonly jobId: string },
  ): Promise<ChangeResult> {
    const { actor, jobId, revertId, attempt } = options
    return this.client.call('change.revert', {
      ...(await this.#origin(plugin, actor)),
      jobId,
      changeId,
      revertId,
      attempt,
    })
  }

  /** Drift of one plugin, or of all whose policy is in force. */
  async drift(actor: Actor, plugin?: string): Promise<readonly Drift[]> {
    const { policies } = await this.client.call('policy.describe', plugin === undefined ? {} : { plugin })
    const found: Drift[] = []
    for (const { plugin: id, digest, state } of policies) {
      if (state !== 'enabled') continue
      const { files } = await this.client.call('change.drift', origin(id, digest, actor))
      for (const file of files) found.push({ plugin: id, ...file, hash: hashOf(file) })
    }
    return found
  }

  /** @throws plan_outdated when the edit is not the one of the `hash` any more */
  async settle(actor: Actor, { plugin, path, action, hash }: Settlement): Promise<void> {
    const origin = await this.#origin(plugin, actor)
    if (hash !== undefined) {
      const { files } = await this.client.call('change.drift', { ...origin, path })
      const found = files.find(file => file.path === path)
      if (!found || hashOf(found) !== hash) throw PlanOutdated()
    }
    await this.client.call('change.drift', { ...origin, path, action })
  }

  async #origin(plugin: string, actor: Actor): Promise<Origin> {
    const { policies } = await this.client.call('policy.describe', { plugin })
    const info = policies.find(policy => policy.plugin === plugin)
    if (!info?.digest) throw PluginWithoutPolicy({ plugin })
    return origin(plugin, info.digest, actor)
  }
}

function origin(plugin: string, policy: string, { kind, id, name }: Actor): Origin {
  return { plugin, policy, actor: { kind, id, name } }
}

function hashOf({ path, kind, diff }: DriftedFile): string {
  return createHash('sha256')
    .update(JSON.stringify([path, kind, diff]))
    .digest('hex')
}
