import type { ChangeRequest, PluginBroker } from '@nusantara/sdk'
import type { ChangeLog } from './change-log.js'

/**
 * A plugin's broker that records each change it applied or took back: what, for which tenant, by whom, in which job.
 * What is recorded is what the broker answered; a record that fails is tried again with the step, which is idempotent.
 */
export function recordedBroker(broker: PluginBroker, plugin: string, log: ChangeLog): PluginBroker {
  return Object.freeze<PluginBroker>({
    ...broker,
    async applyChange(request: ChangeRequest, options) {
      const result = await broker.applyChange(request, options)
      const { change, tenant } = request
      await log.record({ plugin, change, ...(tenant !== undefined && { tenant }), result, context: options })
      return result
    },
    async revertChange(changeId, options) {
      const result = await broker.revertChange(changeId, options)
      await log.record({ plugin, change: 'revert', result, context: options, reverts: changeId })
      return result
    },
  })
}
