import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { PackagePlan, PackageReport, PackageRequest, PackageResult, PackageState } from '@nusantara/sdk'
import {
  Busy,
  PackagesFailed,
  PackagesHeld,
  PackagesInterrupted,
  PackagesLocked,
  PackagesRefused,
  PackagesUnknown,
  PackagesWouldDowngrade,
  PackagesWouldRemove,
  ParamInvalid,
  PlanOutdated,
} from '../errors.js'
import type { Host } from '../host.js'
import type { Journal } from '../journal.js'
import type { OutputSink } from '../operations/process.js'
import { Slots } from '../operations/slots.js'
import { expandWord, paramsIn, resolveParams } from '../params.js'
import { hostDistribution } from '../policy/versions.js'
import type { Policy } from '../policy.js'
import type { Origin } from '../protocol.js'
import { type Apt, lockSeconds } from './apt.js'
import { failureOf } from './failures.js'
import { commandOf } from './holder.js'
import { packageHost } from './package-host.js'
import type { PackageRunner, PackageWork } from './runner.js'

export interface PackageCall {
  readonly signal: AbortSignal
  readonly output?: OutputSink
}

/** Changes of packages that may wait for their turn. */
const maxWaiting = 20
/** Between two looks at whether another program that installs packages has ended. */
const pauseMs = 3000

/** Packages of the distribution that manifests name: what an installation would do, and the installation itself. */
export class Packages {
  readonly #slots = new Slots(1, maxWaiting, () => Busy({ what: 'packages' }))

  constructor(
    private readonly host: Host,
    private readonly policy: Policy,
    private readonly journal: Journal,
    private readonly apt: Apt,
    /** Absent where this broker changes no packages of the host. */
    private readonly runner: PackageRunner | undefined,
    /** How long another program that installs packages is waited for. */
    private readonly lockMs = lockSeconds * 1000,
  ) {}

  /** @throws package_set_unknown, param_invalid, packages_unsupported */
  async describe(origin: Origin, requests: readonly PackageRequest[]): Promise<PackageReport> {
    const names = requests.map(request => this.#namesOf(origin, request))
    const states = await this.apt.states([...new Set(names.flat())])
    const known = new Map(states.map(state => [state.name, state]))
    return {
      host: await packageHost(this.apt, this.runner !== undefined),
      sets: names.map(set => set.map(name => known.get(name) as PackageState)),
    }
  }

  /**
   * @throws package_set_unknown, param_invalid, packages_unsupported, packages_unknown, packages_would_remove,
   *   packages_would_downgrade, packages_held, packages_unmet
   */
  async plan(origin: Origin, requests: readonly PackageRequest[]): Promise<PackagePlan> {
    return this.#plan(requests, this.#names(origin, requests))
  }

  /** Finishes what an interrupted installation left. @throws packages_refused, packages_locked, packages_failed … */
  repair(origin: Origin, call: PackageCall): Promise<PackageResult> {
    return this.#work(origin, 'package.repair', {}, call, async ({ run }) => {
      const failureIn = async (work: PackageWork) => {
        try {
          await run(work)
          return undefined
        } catch (error) {
          if (PackagesLocked.is(error)) throw error
          return error as Error
        }
      }
      const configure = {
        description: 'Finish an interrupted installation of packages',
        command: this.apt.repair(),
      }
      let first: Error | undefined
      // dpkg waits for nobody. What another program has half done looks interrupted, and is not once it has ended.
      for (const patience = this.#patience(call.signal); ; ) {
        if (!(await this.#interrupted())) return false
        try {
          first = await failureIn(configure)
          break
        } catch (error) {
          if (!(await patience())) throw error
        }
      }
      // What was interrupted while it was unpacked has to be unpacked again; what lacks a dependency gets it first.
      if (!(await this.#interrupted())) return true
      const second = await failureIn({
        description: 'Repair an interrupted installation of packages',
        command: this.apt.fix(),
      })
      const left = await this.#interrupted()
      if (left) throw second ?? first ?? PackagesInterrupted({ names: left.join(', ') || '?' })
      return true
    })
  }

  /** Fetches the package lists. @throws packages_refused, packages_locked, packages_unreachable, packages_untrusted … */
  refresh(origin: Origin, call: PackageCall): Promise<PackageResult> {
    return this.#work(origin, 'package.refresh', {}, call, async ({ run }) => {
      const said = await run({ description: 'Fetch the package lists', command: this.apt.refresh() })
      // apt-get ends with 0 when old lists stand in for those that could not be fetched.
      if (!/^(?:W|E): (?:Failed to fetch|GPG error|Some index files failed)/m.test(said)) return true
      const failure = failureOf(said, commandOf)
      if (!someSourceAnswered(said)) throw failure
      // A source that is broken keeps nothing back that another has; a plan refuses what is missing for it.
      await call.output?.('stdout', Buffer.from(`Going on without a source that failed: ${failure.message}\n`))
      return true
    })
  }

  /** Exactly the plan with this hash. @throws plan_outdated and what {@link plan} and {@link repair} throw */
  async install(
    origin: Origin,
    { sets, hash }: { readonly sets: readonly PackageRequest[]; readonly hash: string },
    call: PackageCall,
  ): Promise<PackageResult> {
    const names = this.#names(origin, sets)
    return this.#work(origin, 'package.install', { sets, hash }, call, async ({ run }) => {
      const patience = this.#patience(call.signal)
      let half = await this.#interrupted()
      while (half && (await patience())) half = await this.#interrupted()
      if (half) throw PackagesInterrupted({ names: half.join(', ') || '?' })
      this.apt.forget()
      const plan = await this.#plan(sets, names)
      if (plan.unknown.length > 0) throw this.#unknown(plan.unknown)
      // Also when a broker that died had it done already.
      if (plan.packages.length === 0) return false
      if (plan.hash !== hash) throw PlanOutdated()
      call.signal.throwIfAborted()
      const asked = new Set(names)
      const dependencies = plan.packages.filter(({ name }) => !asked.has(name))
      const upgraded = dependencies.filter(({ action }) => action === 'upgrade').map(({ name }) => name)
      const chosenByApt = await this.apt.automatic(upgraded)
      const automatic = dependencies
        .filter(({ name, action }) => action === 'install' || chosenByApt.has(name))
        .map(({ name }) => name)
      try {
        await run({
          description: `Install ${names.join(', ')}`,
          command: this.apt.install(plan.packages.map(pin)),
          ...(automatic.length > 0 && { after: this.apt.markAutomatic(automatic) }),
        })
        const missing = await this.#missing(plan)
        if (missing.length > 0) throw PackagesFailed({ output: `not installed afterwards: ${missing.join(', ')}` })
      } catch (error) {
        await call.output?.('stdout', Buffer.from(`${await this.#left(plan)}\n`))
        throw error
      }
      return true
    })
  }

  /** One at a time, permitted, in the journal; a former broker's work is waited for first. */
  async #work(
    origin: Origin,
    method: 'package.repair' | 'package.refresh' | 'package.install',
    recorded: { readonly sets?: readonly PackageRequest[]; readonly hash?: string },
    { signal, output }: PackageCall,
    work: (tools: { run(work: PackageWork): Promise<string> }) => Promise<boolean>,
  ): Promise<PackageResult> {
    const { runner } = this
    const policy = this.policy.get(origin.plugin, origin.policy)
    if (!policy.installs) throw ParamInvalid({ param: 'plugin', reason: 'may not install packages' })
    const run = async (each: PackageWork) => {
      const { ok, output: said } = await (runner as PackageRunner).run(each, output)
      if (!ok) throw failureOf(said, commandOf)
      return said
    }
    return this.#inTurn(signal, async () => {
      if (!runner) throw PackagesRefused({ names: this.#names(origin, recorded.sets ?? []).join(' ') || '…' })
      return this.journal.around(
        method,
        origin,
        recorded,
        async () => {
          await runner.settle(output)
          return { changed: await work({ run }) }
        },
        result => result,
      )
    })
  }

  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const release = await this.#slots.take(signal)
    try {
      return await work()
    } finally {
      release()
    }
  }

  async #plan(requests: readonly PackageRequest[], names: readonly string[]): Promise<PackagePlan> {
    const [states, host] = await Promise.all([this.apt.states(names), packageHost(this.apt, this.runner !== undefined)])
    const installed = states.filter(state => state.installed !== null)
    const wanted = states.filter(state => state.installed === null)
    const unknown = wanted.filter(state => state.candidate === null).map(({ name }) => name)
    if (unknown.length > 0 && !host.stale) throw this.#unknown(unknown)
    const simulation =
      wanted.length > 0 && unknown.length === 0
        ? await this.apt.simulate(wanted.map(({ name, candidate }) => `${name}=${candidate}`))
        : { packages: [], removed: [], downgraded: [], held: [] }
    if (simulation.removed.length > 0) throw PackagesWouldRemove({ names: simulation.removed.join(', ') })
    if (simulation.downgraded.length > 0) throw PackagesWouldDowngrade({ names: simulation.downgraded.join(' ') })
    if (simulation.held.length > 0) throw PackagesHeld({ names: simulation.held.join(', ') })
    const packages = [...simulation.packages].sort((a, b) => (a.name < b.name ? -1 : 1))
    const sets = requests.map(({ set, params = {} }) => JSON.stringify([set, Object.entries(params).sort()]))
    return {
      hash: createHash('sha256')
        .update(JSON.stringify([[...new Set(sets)].sort(), packages.map(pin)]))
        .digest('hex'),
      packages,
      installed,
      unknown,
      ...(await this.#costs(packages)),
      host,
    }
  }

  async #costs(packages: PackagePlan['packages']): Promise<Pick<PackagePlan, 'downloadBytes' | 'diskBytes'>> {
    if (packages.length === 0) return { downloadBytes: 0, diskBytes: 0 }
    const upgraded = packages.filter(({ action }) => action === 'upgrade')
    const there = upgraded.length > 0 ? await this.#byName() : new Map<string, never>()
    const present = upgraded.flatMap(({ name }) => there.get(name) ?? [])
    const sizes = await this.apt.sizes([...packages.map(pin), ...present.map(pin)])
    const sum = (of: readonly { name: string; version: string }[], part: 'download' | 'installed') =>
      of.reduce((total, { name, version }) => total + (sizes.get(`${name} ${version}`)?.[part] ?? 0), 0)
    return {
      downloadBytes: sum(packages, 'download'),
      diskBytes: sum(packages, 'installed') - sum(present, 'installed'),
    }
  }

  /** Pauses as long as another program that installs packages may be waited for; false once that is over. */
  #patience(signal: AbortSignal): () => Promise<boolean> {
    const end = performance.now() + this.lockMs
    return async () => {
      const left = end - performance.now()
      if (left > 0) await pause(Math.min(pauseMs, left), undefined, { signal })
      return left > 0
    }
  }

  async #interrupted(): Promise<readonly string[] | null> {
    return (await packageHost(this.apt, true)).interrupted
  }

  /** Of the plan, what is not there as it was planned. */
  async #missing({ packages }: PackagePlan): Promise<readonly string[]> {
    const there = await this.#byName()
    return packages
      .filter(({ name, version }) => {
        const found = there.get(name)
        return found?.status !== 'installed' || found.version !== version
      })
      .map(({ name }) => name)
  }

  /** A sentence for the log of a job that failed: an installation is not undone. */
  async #left({ packages }: PackagePlan): Promise<string> {
    const there = await this.#byName()
    const planned = packages.map(({ name, version }) => ({ name, found: there.get(name), version }))
    const whole = planned.filter(({ found, version }) => found?.status === 'installed' && found.version === version)
    const half = planned.filter(({ found }) => found && found.status !== 'installed')
    const list = (some: readonly { name: string }[]) => some.map(({ name }) => name).join(', ') || 'nothing'
    return `What is left: installed ${list(whole)}; half done ${list(half)}. Trying again goes on from there.`
  }

  /** dpkg names packages of several architectures with theirs, apt only foreign ones. */
  async #byName() {
    const all = await this.apt.installed()
    return new Map(all.flatMap(each => [[each.name.replace(/:.*/, ''), each] as const, [each.name, each] as const]))
  }

  #unknown(names: readonly string[]): Error {
    return PackagesUnknown({ names: names.join(', '), distribution: hostDistribution() })
  }

  /** The names of all the sets, each once. */
  #names(origin: Origin, requests: readonly PackageRequest[]): readonly string[] {
    return [...new Set(requests.flatMap(request => this.#namesOf(origin, request)))]
  }

  /** The names of the set: of the manifest, with enum parameters alone. */
  #namesOf(origin: Origin, { set, params }: PackageRequest): readonly string[] {
    const policy = this.policy.get(origin.plugin, origin.policy)
    const { names } = policy.packageSet(set)
    const resolved = resolveParams(policy, paramsIn(names), params, undefined)
    return names.map(word => {
      const name = expandWord(this.host, word, resolved)
      if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) throw ParamInvalid({ param: set, reason: `${name} names no package` })
      return name
    })
  }
}

/** Of `apt-get update`: whether the lists of some source were fetched or are as they were. What it says last of a file counts. */
function someSourceAnswered(said: string): boolean {
  const files = new Map<string, { readonly outcome: string; readonly source: string }>()
  for (const [, outcome = '', file = '', source = ''] of said.matchAll(/^(Get|Hit|Ign|Err):(\d+) (\S+ \S+)/gm))
    files.set(file, { outcome, source })
  const ended = [...files.values()]
  const failed = new Set(ended.filter(({ outcome }) => outcome === 'Err').map(({ source }) => source))
  return ended.some(({ outcome, source }) => (outcome === 'Get' || outcome === 'Hit') && !failed.has(source))
}

function pin({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}=${version}`
}
