import type { CallContext, PluginBroker, WithOutput } from '@nusantara/sdk'
import type { Origin } from '../broker/protocol.js'
import type { BrokerClient } from './broker-client.js'

/**
 * The broker as one plugin sees it: every request names the plugin and the policy digest that was in force when it
 * started, so a manifest that changed meanwhile answers `policy_changed` instead of doing something else.
 */
export function pluginBroker(client: BrokerClient, plugin: string, policy: string): PluginBroker {
  const system = { kind: 'system', id: `system:${plugin}`, name: plugin }
  const origin = (context?: CallContext): Origin => ({
    plugin,
    policy,
    actor: context ? { kind: context.actor.kind, id: context.actor.id, name: context.actor.name } : system,
    ...(context?.jobId !== undefined && { jobId: context.jobId }),
  })
  const cancel = ({ signal }: CallContext) => (signal ? { signal } : {})
  const streaming = ({ onOutput, ...context }: CallContext & WithOutput) => ({
    request: { ...origin(context), ...(onOutput && { stream: true }) },
    options: { ...cancel(context), ...(onOutput && { onOutput }) },
  })

  return Object.freeze<PluginBroker>({
    run: (operation, { input, onOutput, tenant, params, ...context }) =>
      client.call(
        'operation.run',
        {
          ...origin(context),
          operation,
          ...(tenant !== undefined && { tenant }),
          ...(params && { params }),
          ...(input !== undefined && { input: encode(input) }),
          ...(onOutput && { stream: true }),
        },
        { ...cancel(context), ...(onOutput && { onOutput }) },
      ),
    service: (service, verb, { tenant, params, ...context }) =>
      client.call(
        'service.run',
        { ...origin(context), service, verb, ...(tenant !== undefined && { tenant }), ...(params && { params }) },
        cancel(context),
      ),
    planChange: (request, context) => client.call('change.plan', { ...origin(context), ...request }, cancel(context)),
    applyChange: (request, { changeId, attempt, expectHash, deadline, ...context }) =>
      client.call(
        'change.apply',
        {
          ...origin(context),
          ...request,
          changeId,
          attempt,
          ...(expectHash !== undefined && { expectHash }),
          ...(deadline !== undefined && { deadline }),
        },
        cancel(context),
      ),
    confirmChange: (changeId, context) =>
      client.call('change.confirm', { ...origin(context), changeId }, { ...cancel(context), fresh: true }),
    revertChange: (changeId, { revertId, attempt, ...context }) =>
      client.call('change.revert', { ...origin(context), changeId, revertId, attempt }, cancel(context)),
    describeChange: changeId => client.call('change.describe', { ...origin(), changeId }),
    createTenant: (tenant, context) => client.call('tenant.create', { ...origin(context), tenant }, cancel(context)),
    removeTenant: async (tenant, { keepFiles, ...context }) => {
      await client.call('tenant.remove', { ...origin(context), tenant, keepFiles }, cancel(context))
    },
    describeTenant: async tenant => {
      const { tenants } = await client.call('tenant.describe', { ...origin(), tenant })
      return tenants[0] ?? null
    },
    createKey: (tenant, key, { algorithm, exportable, ...context }) =>
      client.call(
        'key.create',
        { ...origin(context), tenant, key, algorithm, ...(exportable !== undefined && { exportable }) },
        cancel(context),
      ),
    importKey: (tenant, key, { pem, ...context }) =>
      client.call('key.import', { ...origin(context), tenant, key, input: encode(pem) }, cancel(context)),
    exportKey: async (tenant, key, context) => {
      const { pem } = await client.call('key.export', { ...origin(context), tenant, key }, cancel(context))
      return pem
    },
    removeKey: async (tenant, key, context) => {
      await client.call('key.remove', { ...origin(context), tenant, key }, cancel(context))
    },
    describeKeys: async tenant => {
      const { keys } = await client.call('key.describe', { ...origin(), tenant })
      return keys
    },
    requestCertificate: async (tenant, key, { names, addresses = [], ...context }) => {
      const request = { ...origin(context), tenant, key, names, addresses }
      const { der } = await client.call('csr.create', request, cancel(context))
      return der
    },
    selfSign: async (tenant, key, { names, addresses = [], days, ...context }) => {
      const request = { ...origin(context), tenant, key, names, addresses, days }
      const { der } = await client.call('csr.selfSign', request, cancel(context))
      return der
    },
    describePackages: (sets, context) => client.call('package.describe', { ...origin(context), sets }, cancel(context)),
    planPackages: (sets, context) => client.call('package.plan', { ...origin(context), sets }, cancel(context)),
    repairPackages: context => {
      const { request, options } = streaming(context)
      return client.call('package.repair', request, options)
    },
    refreshPackages: context => {
      const { request, options } = streaming(context)
      return client.call('package.refresh', request, options)
    },
    installPackages: (sets, { hash, ...context }) => {
      const { request, options } = streaming(context)
      return client.call('package.install', { ...request, sets, hash }, options)
    },
    versions: async key => {
      const { versions } = await client.call('policy.describe', { plugin })
      return Object.hasOwn(versions, key) ? (versions[key] ?? []) : []
    },
  })
}

function encode(input: string | Uint8Array): string {
  return (typeof input === 'string' ? Buffer.from(input, 'utf8') : Buffer.from(input)).toString('base64')
}
