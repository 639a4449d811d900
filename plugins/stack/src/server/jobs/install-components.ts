import {
  type CallContext,
  defineJob,
  Joi,
  object,
  type PackageHost,
  type PackagePlan,
  type PackageRequest,
  type PlanPart,
  type StepContext,
} from '@nusantara/sdk'
import { type KnownComponent, missingOf } from '../components.js'
import { InstallationRefused, VersionsMoved } from '../errors.js'
import type { Stack } from '../stack.js'
import { InstallationLog } from './installation-log.js'

export interface InstallComponents {
  readonly components: readonly string[]
  /** Fetches the package lists first, also when they are not a day old. */
  readonly refresh: boolean
}

const component = Joi.string()
  .pattern(/^[a-z0-9][a-z0-9+.-]*$/)
  .max(64)

export const installInput = object<InstallComponents>({
  components: Joi.array().items(component).min(1).max(20).unique().required(),
  refresh: Joi.boolean().default(false),
})

/**
 * Packages of components, as one plan of the package manager. The package manager may be asked again for what it has done already, so every step is
 * replayed after a crash; and it takes nothing back, so none is undone: the log says what is left.
 */
export const installComponents = defineJob<InstallComponents, Stack>({
  type: 'stack.install',
  version: 2,
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
      const { broker, done } = context
      let plan = await planOf(context)
      // Left by a crash of the server in an earlier try of this step.
      if (plan.host.permitted && plan.host.interrupted) {
        await broker.repairPackages(streaming(context))
        plan = await planOf(context)
      }
      const moved = plan.packages.map(pin).filter(each => !done.refresh.pins.includes(each))
      if (moved.length > 0) throw VersionsMoved({ packages: moved.join(', ') })
      if (plan.packages.length === 0) return { packages: [] }
      await broker.installPackages(await requestsOf(context), { ...streaming(context, plan), hash: plan.hash })
      return { packages: plan.packages.map(pin) }
    },
  })

type Context = StepContext<InstallComponents, unknown, Stack>

async function installationPlan(context: Context): Promise<PlanPart | null> {
  const { lacking, missing } = await look(context)
  if (lacking.length === 0) return null
  const services = lacking.map(({ unit }) => ({ service: unit, verb: 'start' as const }))
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
        components: lacking.map(({ id }) => id).join(', '),
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
  /** Those of the components that are not installed, and their packages that are not. */
  readonly lacking: readonly KnownComponent[]
  readonly missing: readonly string[]
}

/** @throws stack.refused when something is missing that this panel may not install */
async function look(context: Context): Promise<Look> {
  const components = await context.deps.find(context.input.components)
  const requests = components.map(({ request }) => request)
  const { host, sets } = await context.broker.describePackages(requests, callOf(context))
  const lacking = components.filter((_, index) => missingOf(sets[index] ?? []).length > 0)
  const missing = missingOf(sets.flat())
  const { permitted } = host
  if (lacking.length > 0 && !permitted) throw InstallationRefused({ names: missing.join(' ') })
  return { host, permitted, lacking, missing }
}

async function needsRefresh(context: Context): Promise<boolean> {
  const { host, lacking } = await look(context)
  return lacking.length > 0 && (context.input.refresh || host.stale)
}

async function planOf(context: Context): Promise<PackagePlan> {
  return context.broker.planPackages(await requestsOf(context), callOf(context))
}

async function requestsOf({ deps, input }: Context): Promise<readonly PackageRequest[]> {
  return (await deps.find(input.components)).map(({ request }) => request)
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
