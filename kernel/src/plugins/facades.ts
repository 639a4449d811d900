import {
  type HttpContribution,
  type JobContribution,
  kernelHooks,
  type PanelContribution,
  type PluginBroker,
  type Scope,
  systemActor,
} from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import type { Tap } from '../hooks/hook-point.js'
import { Hooks } from '../hooks/hooks.js'
import { RouteRegistry } from '../http/route-registry.js'
import { UiRegistry } from '../http/ui-registry.js'
import { Jobs } from '../jobs/jobs.js'

/**
 * Joins the kernel's hooks to its parts: a tap on `http.routes`, `jobs.types` or `ui.panels` is read as it comes, and what it
 * brought goes with it; finished jobs and audit entries are told to whoever observes.
 */
@scoped(Lifecycle.ContainerScoped)
export class Facades {
  /** Brokers of the plugins that run, for the steps of their jobs. */
  readonly brokers = new Map<string, PluginBroker>()

  constructor(
    private readonly hooks: Hooks,
    private readonly routes: RouteRegistry,
    private readonly jobs: Jobs,
    private readonly ui: UiRegistry,
    private readonly audit: AuditLog,
  ) {}

  connect(): void {
    const { hooks } = this
    hooks.watch(kernelHooks.http.routes, tap => {
      const contribution = read<HttpContribution>(tap)
      return 'route' in contribution
        ? this.routes.add(tap.plugin, contribution.route)
        : this.routes.addStream(tap.plugin, contribution.stream)
    })
    hooks.watch(kernelHooks.jobs.types, tap => {
      const { definition, deps } = read<JobContribution>(tap)
      const broker = this.brokers.get(tap.plugin)
      return this.jobs.define(tap.plugin, definition, deps, broker ? { broker } : {})
    })
    hooks.watch(kernelHooks.ui.panels, tap => {
      const panel = read<PanelContribution>(tap)
      return 'page' in panel
        ? this.ui.addPage(tap.plugin, panel.page)
        : this.ui.addSlot(tap.plugin, panel.slot, panel.contribution)
    })
    this.jobs.onFinished(job => hooks.call(kernelHooks.jobs.finished, kernelScope(), job))
    this.audit.onRecorded(entry => void hooks.call(kernelHooks.audit.recorded, kernelScope(), entry))
  }
}

/** The scope of what the kernel itself asks. */
export function kernelScope(): Scope {
  return { actor: systemActor('kernel'), signal: AbortSignal.timeout(60_000) }
}

function read<T>(tap: Tap): T {
  const contribution = tap.run(kernelScope())
  if (contribution instanceof Promise) {
    throw new TypeError(`The tap of ${tap.plugin} must answer synchronously: it is read once, when it comes.`)
  }
  return contribution as T
}
