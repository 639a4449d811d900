import type { KeyAlgorithm } from '@nusantara/sdk'
import { KeyRefused } from '../errors.js'
import type { Host } from '../host.js'
import type { Journal } from '../journal.js'
import { markOf } from '../operations/reaper.js'
import type { Policy } from '../policy.js'
import type { Origin } from '../protocol.js'
import { base64, boolean, pluginRequest, tenantId } from '../requests.js'
import type { Rpc } from '../rpc/rpc.js'
import { array, integer, oneOf, string } from '../schema.js'
import { keyAlgorithms, keyName } from './key-store.js'
import { Signing } from './signing.js'

const names = array(string({ max: 253 }), { max: 100 })
const addresses = array(string({ max: 45 }), { max: 100 })
const maxPem = 32 * 1024

/** Registers `key.*` and `csr.*`: private keys of tenants, which leave the broker only where a plugin may export one. */
export function registerKeys(
  rpc: Rpc,
  { host, policy, journal }: { host: Host; policy: Policy; journal: Journal },
): void {
  const { keys } = host
  const signing = new Signing(markOf(host.roots.state))

  /** Whether the plugin may have keys at all, and the tenant is one. @throws key_refused, tenant_unknown */
  const permit = (origin: Origin, tenant: string, what: string, algorithm?: KeyAlgorithm) => {
    const rule = policy.get(origin.plugin, origin.policy).privileges.keys
    const may =
      rule !== undefined &&
      (what !== 'import' || rule.import === true) &&
      (what !== 'export' || rule.export === true) &&
      (algorithm === undefined || rule.algorithms.includes(algorithm))
    if (!may) throw KeyRefused({ plugin: origin.plugin, what })
    host.userOf('tenant', tenant)
    return rule
  }
  const part = { tenant: tenantId, key: keyName }

  rpc.register(
    'key.create',
    async ({ tenant, key, algorithm, exportable = false, ...origin }) => {
      permit(origin, tenant, 'create', algorithm)
      return journal.around('key.create', origin, { tenant, key, algorithm, exportable }, () =>
        keys.create(tenant, key, algorithm, exportable),
      )
    },
    pluginRequest({ ...part, algorithm: oneOf(...keyAlgorithms) }, { exportable: boolean }),
  )
  rpc.register(
    'key.import',
    async ({ tenant, key, input, ...origin }) => {
      const { algorithms } = permit(origin, tenant, 'import')
      const pem = Buffer.from(input, 'base64').toString('latin1').slice(0, maxPem)
      return journal.around('key.import', origin, { tenant, key }, async () =>
        keys.import(tenant, key, pem, algorithms),
      )
    },
    pluginRequest({ ...part, input: base64 }, {}),
  )
  rpc.register(
    'key.export',
    async ({ tenant, key, ...origin }) => {
      permit(origin, tenant, 'export')
      const pem = await journal.around(
        'key.export',
        origin,
        { tenant, key },
        async () => keys.export(tenant, key),
        () => ({}),
      )
      return { pem }
    },
    pluginRequest(part, {}),
  )
  rpc.register(
    'key.remove',
    async ({ tenant, key, ...origin }) => {
      permit(origin, tenant, 'remove')
      await journal.around('key.remove', origin, { tenant, key }, async () => keys.remove(tenant, key))
      return {}
    },
    pluginRequest(part, {}),
  )
  rpc.register(
    'key.describe',
    async ({ tenant, ...origin }) => {
      permit(origin, tenant, 'describe')
      return { keys: keys.list(tenant) }
    },
    pluginRequest({ tenant: tenantId }, {}),
  )
  rpc.register(
    'csr.create',
    async ({ tenant, key, names, addresses, ...origin }) => {
      permit(origin, tenant, 'request')
      keys.require(tenant, key)
      return journal.around(
        'csr.create',
        origin,
        { tenant, key, names, addresses },
        async () => ({ der: await signing.request(keys.path(tenant, key), { names, addresses }) }),
        () => ({}),
      )
    },
    pluginRequest({ ...part, names, addresses }, {}),
  )
  rpc.register(
    'csr.selfSign',
    async ({ tenant, key, names, addresses, days, ...origin }) => {
      permit(origin, tenant, 'selfSign')
      keys.require(tenant, key)
      return journal.around(
        'csr.selfSign',
        origin,
        { tenant, key, names, addresses, days },
        async () => ({ der: await signing.selfSigned(keys.path(tenant, key), { names, addresses }, days) }),
        () => ({}),
      )
    },
    pluginRequest({ ...part, names, addresses, days: integer(1, 825) }, {}),
  )
}
