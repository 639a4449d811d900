import { digest, name, params, pluginRequest, tenantId } from '../requests.js'
import type { Rpc } from '../rpc/rpc.js'
import { array, boolean, integer, line, oneOf, record, unchecked } from '../schema.js'
import { Changes } from './changes.js'
import type { ChangeDeps } from './deps.js'

export { Changes } from './changes.js'
export type { ChangeDeps } from './deps.js'

/** One set of changes for each broker, made by recovery before anything else asks. */
const recovered = new WeakMap<ChangeDeps, Changes>()

/** Restores what a former broker left half done. Runs before services start. @throws when the state is damaged */
export async function recoverChanges(deps: ChangeDeps): Promise<Changes> {
  const changes = await Changes.recover(deps)
  recovered.set(deps, changes)
  return changes
}

const id = line({ min: 1, max: 200 })
const attempt = integer(0, 1_000_000)
const request = { change: name, files: record(unchecked, { max: 64, key: /^[a-z][A-Za-z0-9.]{0,63}$/ }) } as const
const optional = {
  tenant: tenantId,
  params,
  names: array(line({ min: 1, max: 255 }), { max: 1000 }),
  onDrift: oneOf('refuse', 'discard'),
} as const

/** Registers the `change.*` methods and takes up what recovery found. Call after {@link recoverChanges}. */
export function registerChanges(rpc: Rpc, deps: ChangeDeps): void {
  const changes = recovered.get(deps)
  if (!changes) throw new Error('changes are not recovered yet')
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
  rpc.register('change.confirm', each => changes.confirm(each), pluginRequest({ changeId: id }, {}))
  rpc.register(
    'change.drift',
    each => changes.drift(each),
    pluginRequest({}, { path: line({ min: 1, max: 4096 }), action: oneOf('adopt', 'discard') }),
  )
  void changes.resume()
}
