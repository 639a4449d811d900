import { treeDifference, treeOf } from '../../broker/testing/tree-hash.js'

export { treeDifference }

/** What a running panel writes without changing the host: its store, logs, journals, records of processes. */
const restless =
  /^(?:panel\.(?:sqlite|log)|audit-checkpoint\.json|log\/|broker\/(?:journal|services|changes\/reserve)|run\/.*\.pid$)/

/** Every file below a panel's home that a request must not touch, with mode, owner and hash. */
export function hostTree(home: string): ReadonlyMap<string, string> {
  return new Map([...treeOf(home)].filter(([name]) => !restless.test(name)))
}
