import type { TestPanel } from '@nusantara/sdk/testing'
import { BrokerClient } from '../../broker-client/broker-client.js'

/** Counts what the panel asks of its broker. The calls still go through. */
export function watchBroker(panel: TestPanel): { readonly calls: string[]; restore(): void } {
  const client = panel.resolve(BrokerClient)
  const original = client.call.bind(client)
  const calls: string[] = []
  client.call = ((method: Parameters<typeof original>[0], ...rest: never[]) => {
    calls.push(method)
    return (original as (...args: unknown[]) => unknown)(method, ...rest)
  }) as typeof client.call
  return {
    calls,
    restore() {
      client.call = original
    },
  }
}
