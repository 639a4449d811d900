import {
  type CallContext,
  defineJob,
  Joi,
  object,
  type PackageHost,
  type PackagePlan,
  type PlanPart,
  type StepContext,
} from '@nusantara/sdk'
import { isInstalled, type KnownComponent } from '../components.js'
import { InstallationRefused, VersionsMoved } from '../errors.js'
import type { Stack } from '../stack.js'
import { InstallationLog } from './installation-log.js'

export interface InstallComponent {
  readonly component: string
  /** Fetches the package lists first, also when they are not a day old. */
  readonly refresh: boolean
}

export const installInput = object<InstallComponent>({
  component: Joi.string()
    .pattern(/^[a-z0-9][a-z0-9+.-]*$/)
    .max(64)
    .required(),
  refresh: Joi.boolean().default(false),
})

/**
 * Packages of one component. The package manager may be asked again for what it has done already, so every step is
 * replayed after a crash; and it takes nothing back, so none is undone: the log says what is left.
 */
export const installComponent = defineJob<InstallComponent, Stack>({
  type: 'stack.install',
  version: 1,
  input: installInput,
  // One after the other, as the package manager itself has it.
  concurrency: () => ['stack:packages'],
  timeout: '2h',
})
  .step('repair', {
    onCrash: 'replay',
    plan: async context => {
      const { host, permitted } = await look(context)
      if (!permitted || !host.interrupted) return null
      return { summary: { code: 'stack.plan.repair', params: { names: host.interrupted.join(', ') || '…' } } }
    },
    run: async context => {
      const { host, permitted } = await look(context)
      if (!permitted || !host.interrupted) return { changed: false }
      return context.broker.repairPackages(streaming(context))
    },
  })
  .step('refresh', {
    onCrash: 'replay',
    plan: async context =>
      (await needsRefresh(context)) ? { summary: { code: 'stack.plan.refresh' }, late: true } : null,
    run: async context => {
      if (await needsRefresh(context)) await context.broker.refreshPackages(streaming(context))
      const { packages } = await planOf(context)
      // What is installed from here on, whatever happens to the lists.
      return { pins: packages.map(pin) }
    },
  })
  .step('install', {
    onCrash: 'replay',
    plan: installationPlan,
    run: async context => {
      const { broker, done, input, deps } = context
      const { request } = await deps.find(input.component)
      let plan = await planOf(context)
      // Left by a crash of the server in an earlier try of this step.
      if (plan.host.permitted && plan.host.interrupted) {
        await broker.repairPackages(streaming(context))
        plan = await planOf(context)
      }
      const moved = plan.packages.map(pin).filter(each => !done.refresh.pins.includes(each))
      if (moved.length > 0) throw VersionsMoved({ component: input.component, packages: moved.join(', ') })
      if (plan.packages.length === 0) return { packages: [] }
      await broker.installPackages(request, { ...streaming(context, plan), hash: plan.hash })
      return { packages: plan.packages.map(pin) }
    },
  })

type Context = StepContext<InstallComponent, unknown, Stack>

async function installationPlan(context: Context): Promise<PlanPart | null> {
  const component = await context.deps.find(context.input.component)
  const { missing } = await look(context, component)
  if (!missing) return null
  const services = [{ service: component.unit, verb: 'start' as const }]
  if (await needsRefresh(context)) {
    const names = missing.join(', ')
    const packages = missing.map(name => ({ name, action: 'install' as const }))
    return { summary: { code: 'stack.plan.install_late', params: { names } }, packages, services, late: true }
  }
  const { packages, downloadBytes, diskBytes } = await planOf(context)
  return {
    summary: {
      code: 'stack.plan.install',
      params: {
        component: component.id,
        count: packages.length,
        download: megabytes(downloadBytes),
        disk: megabytes(diskBytes),
      },
    },
    packages,
    services,
  }
}

interface Look {
  readonly host: PackageHost
  /** Whether this panel changes packages of the host. */
  readonly permitted: boolean
  /** Packages of the component that are not installed; absent when all are. */
  readonly missing?: readonly string[]
}

/** @throws stack.refused when something is missing that this panel may not install */
async function look(context: Context, component?: KnownComponent): Promise<Look> {
  const { request } = component ?? (await context.deps.find(context.input.component))
  const { host, sets } = await context.broker.describePackages([request], callOf(context))
  const packages = sets.flat()
  const { permitted } = host
  if (isInstalled(packages)) return { host, permitted }
  const missing = packages.filter(({ installed }) => installed === null).map(({ name }) => name)
  if (!permitted) throw InstallationRefused({ component: missing.join(' ') })
  return { host, permitted, missing }
}

async function needsRefresh(context: Context): Promise<boolean> {
  const { host, missing } = await look(context)
  return missing !== undefined && (context.input.refresh || host.stale)
}

async function planOf(context: Context): Promise<PackagePlan> {
  const { request } = await context.deps.find(context.input.component)
  return context.broker.planPackages(request, callOf(context))
}

function callOf({ actor, job, signal }: Context): CallContext {
  return { actor, jobId: job.id, signal }
}

/** The call with what the package manager says as the job's log and, for a plan, its progress. */
function streaming(context: Context, plan?: PackagePlan) {
  const log = new InstallationLog(context, plan?.packages.length ?? 0)
  return { ...callOf(context), onOutput: ({ data }: { readonly data: Uint8Array }) => log.add(data) }
}

function pin({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}=${version}`
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 100_000) / 10
}
