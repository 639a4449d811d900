import { kernelVersion } from '../host/places.js'
import { TenantRefused } from './errors.js'
import type { Host } from './host.js'
import type { Inspection } from './inspection/inspection.js'
import type { Journal } from './journal.js'
import type { Operations } from './operations.js'
import type { Packages } from './packages/index.js'
import type { Policy } from './policy.js'
import type { Origin } from './protocol.js'
import {
  base64,
  boolean,
  digest,
  head,
  name,
  object,
  params,
  pluginId,
  pluginRequest,
  serviceVerb,
  tenantId,
} from './requests.js'
import type { Rpc } from './rpc/rpc.js'
import type { ServiceRef, Services } from './services.js'
import type { Tenants } from './tenants.js'

export interface BrokerParts {
  readonly host: Host
  readonly journal: Journal
  readonly policy: Policy
  readonly services: Services
  readonly tenants: Tenants
  readonly operations: Operations
  readonly packages: Packages
  readonly inspection: Inspection
}

/** Registers every method of the broker but those of changes and packages. */
export function registerMethods(rpc: Rpc, parts: BrokerParts): void {
  registerPolicy(rpc, parts)
  registerOperations(rpc, parts)
  registerServices(rpc, parts)
  registerTenants(rpc, parts)
  registerAudit(rpc, parts)
}

function registerPolicy(rpc: Rpc, { host, journal, policy }: BrokerParts): void {
  rpc.register(
    'policy.describe',
    async ({ plugin }) => ({
      policies: policy.describe(plugin),
      versions: Object.fromEntries(policy.allVersions()),
      profile: host.profile,
      isolation: host.isolation,
    }),
    object({}, { plugin: pluginId }),
  )
  const decision = object({ plugin: pluginId, digest })
  rpc.register(
    'policy.approve',
    async request => {
      await journal.record('policy', 'policy.approve', request)
      return policy.approve(request.plugin, request.digest)
    },
    decision,
    { admin: true },
  )
  rpc.register(
    'policy.enable',
    async request => {
      await journal.record('policy', 'policy.enable', request)
      return policy.enable(request.plugin, request.digest)
    },
    decision,
  )
  rpc.register(
    'policy.disable',
    async request => {
      await journal.record('policy', 'policy.disable', request)
      return policy.disable(request.plugin)
    },
    object({ plugin: pluginId }),
  )
}

function registerOperations(rpc: Rpc, { operations }: BrokerParts): void {
  rpc.register(
    'operation.run',
    ({ operation, tenant, params, input, stream, ...origin }, call) =>
      operations.run(
        origin,
        {
          operation,
          ...(tenant !== undefined && { tenant }),
          ...(params && { params }),
          ...(input !== undefined && { input: Buffer.from(input, 'base64') }),
        },
        { signal: call.signal, ...(stream && { output: call.output }) },
      ),
    pluginRequest({ operation: name }, { tenant: tenantId, params, input: base64, stream: boolean }),
  )
}

function registerServices(rpc: Rpc, { journal, policy, services }: BrokerParts): void {
  rpc.register(
    'service.run',
    async ({ service, verb, tenant, params, ...origin }) => {
      policy.get(origin.plugin, origin.policy)
      const ref: ServiceRef = {
        plugin: origin.plugin,
        service,
        ...(tenant !== undefined && { tenant }),
        ...(params && { params }),
      }
      // Checked before the journal is written: a refused request is no intent.
      services.permit(ref, verb)
      if (verb === 'status') return services.status(ref)
      return journal.around('service.run', origin, { service, verb, tenant, params }, () => services.run(ref, verb))
    },
    pluginRequest({ service: name, verb: serviceVerb }, { tenant: tenantId, params }),
  )
}

function registerTenants(rpc: Rpc, { host, journal, policy, tenants }: BrokerParts): void {
  const permit = (origin: Origin) => {
    if (!policy.get(origin.plugin, origin.policy).privileges.tenants) throw TenantRefused({ plugin: origin.plugin })
  }
  rpc.register(
    'tenant.create',
    async ({ tenant, ...origin }) => {
      permit(origin)
      return journal.around('tenant.create', origin, { tenant }, () => tenants.create(tenant, origin.plugin))
    },
    pluginRequest({ tenant: tenantId }, {}),
  )
  rpc.register(
    'tenant.remove',
    async ({ tenant, keepFiles, ...origin }) => {
      permit(origin)
      await journal.around('tenant.remove', origin, { tenant, keepFiles }, async () => {
        await tenants.remove(tenant, origin.plugin, keepFiles)
        host.keys.removeAll(tenant)
      })
      return {}
    },
    pluginRequest({ tenant: tenantId, keepFiles: boolean }, {}),
  )
  rpc.register(
    'tenant.describe',
    async ({ tenant, ...origin }) => {
      policy.get(origin.plugin, origin.policy)
      if (tenant === undefined) return { tenants: tenants.list() }
      const found = tenants.describe(tenant)
      return { tenants: found ? [found] : [] }
    },
    pluginRequest({}, { tenant: tenantId }),
  )
}

function registerAudit(rpc: Rpc, { host, inspection, journal, services }: BrokerParts): void {
  rpc.register('host.inspect', () => inspection.look(), object({}))
  rpc.register('host.measure', () => inspection.measure(), object({}))
  rpc.register('audit.head', () => journal.head(), object({}))
  rpc.register('audit.verify', ({ checkpoint }) => journal.verify(checkpoint), object({}, { checkpoint: head }))
  rpc.register(
    'broker.status',
    async () => ({
      pid: process.pid,
      version: kernelVersion,
      profile: host.profile,
      isolation: host.isolation,
      services: await services.list(),
    }),
    object({}),
  )
}
