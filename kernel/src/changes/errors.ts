import { defineProblem } from '@nusantara/sdk'

export const ChangeNotFound = defineProblem<{ id: string }>('change_not_found', 404)
/** Only a change that is in force can be taken back. */
export const ChangeNotRevertible = defineProblem<{ id: string; state: string }>('change_not_revertible', 409)
export const PluginWithoutPolicy = defineProblem<{ plugin: string }>('plugin_without_policy', 409)
