import { defineProblem } from '@nusantara/sdk'

/** `package.json` is unreadable, or its "nusantara" part does not validate. */
export const ManifestInvalid = defineProblem<{ plugin: string; field: string; reason: string }>('manifest_invalid', 422)
/** The id belongs to a part of the kernel. */
export const PluginIdReserved = defineProblem<{ plugin: string }>('plugin_id_reserved', 422)
/** A second plugin of one id; the first one found counts. */
export const PluginDuplicate = defineProblem<{ plugin: string; directory: string }>('plugin_duplicate', 409)
/** Written for another version of the plugin contract. */
export const ApiUnsupported = defineProblem<{ plugin: string; wants: string; has: string }>(
  'plugin_api_unsupported',
  409,
)
export const DependencyMissing = defineProblem<{ plugin: string; dependency: string; range: string }>(
  'plugin_dependency_missing',
  409,
)
export const DependencyOutOfRange = defineProblem<{
  plugin: string
  dependency: string
  range: string
  version: string
}>('plugin_dependency_out_of_range', 409)
/** The dependency is there but cannot be used: rejected itself. */
export const DependencyRejected = defineProblem<{ plugin: string; dependency: string }>(
  'plugin_dependency_rejected',
  409,
)
/** `cycle` names every member in order, the first one again at the end: `a → b → a`. */
export const DependencyCycle = defineProblem<{ plugin: string; cycle: string }>('plugin_dependency_cycle', 409)
export const DependencyDisabled = defineProblem<{ plugin: string; dependency: string }>(
  'plugin_dependency_disabled',
  409,
)
export const DependencyFailed = defineProblem<{ plugin: string; dependency: string }>('plugin_dependency_failed', 409)
/** Others that run depend on it. */
export const PluginRequired = defineProblem<{ plugin: string; dependants: string }>('plugin_required', 409)
export const PluginUnknown = defineProblem<{ plugin: string }>('plugin_unknown', 404)
export const PluginStartFailed = defineProblem<{ plugin: string; reason: string }>('plugin_start_failed', 500)
export const PluginStartTimeout = defineProblem<{ plugin: string; seconds: number }>('plugin_start_timeout', 500)
/** The privileges on disk are not those that were agreed to when the plugin was enabled. */
export const PrivilegesChanged = defineProblem<{ plugin: string }>('plugin_privileges_changed', 409)
/** The broker refused the plugin's privileges. */
export const PrivilegesRefused = defineProblem<{ plugin: string; reason: string }>('plugin_privileges_refused', 409)
/** A context was used after its plugin stopped. */
export const ContextStopped = defineProblem<{ plugin: string; use: string }>('plugin_context_stopped', 500)
/** The manifest does not name the capability. */
export const CapabilityMissing = defineProblem<{ plugin: string; capability: string; use: string }>(
  'plugin_capability_missing',
  500,
)
/** Only the package that a token's name begins with may call, emit or provide it. */
export const NotOwner = defineProblem<{ plugin: string; token: string; owner: string }>('plugin_not_owner', 500)
/** `require` is for services of declared dependencies. */
export const DependencyUndeclared = defineProblem<{ plugin: string; service: string; owner: string }>(
  'plugin_dependency_undeclared',
  500,
)
export const ServiceMissing = defineProblem<{ plugin: string; service: string }>('plugin_service_missing', 500)
export const ServiceTaken = defineProblem<{ plugin: string; service: string }>('plugin_service_taken', 500)
export const ExtensionKeyTaken = defineProblem<{ plugin: string; key: string; extension: string; by: string }>(
  'plugin_extension_key_taken',
  500,
)
export const HookNotSticky = defineProblem<{ plugin: string; hook: string }>('plugin_hook_not_sticky', 500)
