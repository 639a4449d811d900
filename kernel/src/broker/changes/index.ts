import { digest, name, params, pluginRequest, tenantId } from '../requests.js'
import type { Rpc } from '../rpc/rpc.js'
import { array, boolean, type Check, integer, line, oneOf, record, unchecked, Violation } from '../schema.js'
import type { Changes } from './changes.js'
import { ownChange } from './records.js'

export { Changes } from './changes.js'
export type { ChangeDeps } from './deps.js'

/** Chosen by the panel; ids that the broker makes itself are out of its reach. */
const id: Check<string> = (value, path) => {
  const text = line({ min: 1, max: 200 })(value, path)
  if (text.startsWith(ownChange)) throw new Violation(path, `must not begin with '${ownChange}'`)
  return text
}
const attempt = integer(0, 1_000_000)
const request = { change: name, files: record(unchecked, { max: 64, key: /^[a-z][A-Za-z0-9.]{0,63}$/ }) } as const
const optional = {
  tenant: tenantId,
  params,
  names: array(line({ min: 1, max: 255 }), { max: 1000 }),
  secureNames: array(line({ min: 1, max: 255 }), { max: 1000 }),
  onDrift: oneOf('refuse', 'discard'),
} as const

/** Registers the `change.*` methods. */
export function registerChanges(rpc: Rpc, changes: Changes): void {
  rpc.register('change.plan', each => changes.plan(each), pluginRequest(request, optional))
  rpc.register(
    'change.apply',
    each => changes.apply(each),
    pluginRequest(
      { ...request, changeId: id, attempt },
      { ...optional, expectHash: digest, deadline: integer(1, 86_400) },
    ),
  )
  rpc.register(
    'change.revert',
    each => changes.revert(each),
    pluginRequest({ changeId: id, revertId: id, attempt }, {}),
  )
  rpc.register('change.describe', each => changes.describe(each), pluginRequest({ changeId: id }, { diff: boolean }))
  rpc.register(
    'change.confirm',
    (each, { connection }) => changes.confirm(each, connection),
    pluginRequest({ changeId: id }, {}),
  )
  rpc.register(
    'change.drift',
    each => changes.drift(each),
    pluginRequest({}, { path: line({ min: 1, max: 4096 }), action: oneOf('adopt', 'discard') }),
  )
}
