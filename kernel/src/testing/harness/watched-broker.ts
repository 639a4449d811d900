import type { TestPanel } from '@nusantara/sdk/testing'
import { BrokerClient } from '../../broker-client/broker-client.js'

/**
 * Counts what the panel asks of its broker. The calls still go through.
 *
 * @param answered called when the broker has done what was asked; what it throws takes the place of the answer
 */
export function watchBroker(
  panel: TestPanel,
  answered: (method: string) => void = () => {},
): { readonly calls: string[]; restore(): void } {
  const client = panel.resolve(BrokerClient)
  const original = client.call.bind(client) as (...args: unknown[]) => Promise<unknown>
  const calls: string[] = []
  client.call = (async (method: string, ...rest: unknown[]) => {
    calls.push(method)
    const answer = await original(method, ...rest)
    answered(method)
    return answer
  }) as typeof client.call
  return {
    calls,
    restore() {
      client.call = original as typeof client.call
    },
  }
}
