import type { PackageState } from '@nusantara/sdk'
import type { Command } from '../command.js'
import { fixedEnvironment } from '../command.js'
import { Busy, PackagesUnsupported } from '../errors.js'
import { runProcess } from '../operations/process.js'
import { Slots } from '../operations/slots.js'
import { exists } from '../policy/versions.js'
import {
  type InstalledPackage,
  OutputUnclear,
  type PackageSize,
  parsePolicy,
  parseSimulation,
  parseSizes,
  parseStatus,
  type Simulation,
  statusFormat,
} from './apt-output.js'
import { failureOf } from './failures.js'
import { commandOf } from './holder.js'
import { Remembered } from './remembered.js'

/** Where packages are installed. Anything but the host itself is for tests. */
export interface AptRoot {
  /** Prefix of `/var/lib/dpkg` and `/var/lib/apt`; empty for the host. */
  readonly root: string
  /** Further options of every apt program. */
  readonly apt: readonly string[]
  /** Further options of every dpkg program, and of dpkg when apt calls it. */
  readonly dpkg: readonly string[]
}

export const hostRoot: AptRoot = { root: '', apt: [], dpkg: [] }

const programs = {
  get: '/usr/bin/apt-get',
  cache: '/usr/bin/apt-cache',
  mark: '/usr/bin/apt-mark',
  dpkg: '/usr/bin/dpkg',
  query: '/usr/bin/dpkg-query',
} as const

/** Messages are read, so they are in English; nobody answers questions; what hooks of the host would ask, they do not. */
export const packageEnvironment: Readonly<Record<string, string>> = Object.freeze({
  ...fixedEnvironment,
  DEBIAN_FRONTEND: 'noninteractive',
  DEBIAN_PRIORITY: 'critical',
  APT_LISTCHANGES_FRONTEND: 'none',
  APT_LISTBUGS_FRONTEND: 'none',
  UCF_FORCE_CONFFOLD: '1',
  // Lists what to restart and restarts nothing: among it would be the panel.
  NEEDRESTART_MODE: 'l',
})

/** How long to wait for another program that installs packages. Seconds. */
export const lockSeconds = 60
const readMs = 120_000
/** Each reads the lists of every source. */
const readsAtOnce = 2
const maxWaitingReads = 200

/**
 * apt-get(8), apt-cache(8), dpkg(1): what is asked of them, with fixed words. Names and versions come from the manifest
 * and from their own output, never from the panel.
 */
export class Apt {
  readonly #aptOptions: readonly string[]
  readonly #remembered: Remembered
  readonly #reads = new Slots(readsAtOnce, maxWaitingReads, () => Busy({ what: 'packages' }))

  constructor(
    private readonly broker: string,
    readonly where: AptRoot = hostRoot,
  ) {
    this.#remembered = new Remembered(where.root)
    this.#aptOptions = [...where.apt, ...where.dpkg.flatMap(option => ['-o', `DPkg::Options::=${option}`])]
  }

  /** From now on everything is asked anew. */
  forget(): void {
    this.#remembered.forget()
  }

  /** What is installed and what the lists offer of exactly these names. @throws packages_unsupported */
  async states(names: readonly string[]): Promise<readonly PackageState[]> {
    if (names.length === 0) return []
    const argv = ['policy', '--', ...[...names].sort()]
    const known = parsePolicy(await this.#remembered.answer(argv.join(' '), () => this.#told(programs.cache, argv)))
    return names.map(name => known.get(name) ?? { name, installed: null, candidate: null })
  }

  /** What an installation of exactly these versions would do. @throws what {@link failureOf} makes of a refusal */
  async simulate(pins: readonly string[]): Promise<Simulation> {
    const argv = ['--simulate', ...this.#installOptions(), 'install', '--', ...pins]
    const ask = () => this.#read(programs.get, argv)
    const { stdout, stderr, exitCode } = await this.#remembered.answer(argv.join(' '), ask)
    const simulation = parseSimulation(stdout)
    const refused = simulation.removed.length + simulation.downgraded.length + simulation.held.length > 0
    if (exitCode !== 0 && !refused) throw failureOf(`${stdout}\n${stderr}`, commandOf)
    return simulation
  }

  /** Sizes of `name=version` pins, by `name version`. */
  async sizes(pins: readonly string[]): Promise<ReadonlyMap<string, PackageSize>> {
    if (pins.length === 0) return new Map()
    const argv = ['show', '--', ...pins]
    const { stdout } = await this.#remembered.answer(argv.join(' '), () => this.#read(programs.cache, argv))
    return parseSizes(stdout)
  }

  /** Every package that the host has, whole or in part. */
  async installed(): Promise<readonly InstalledPackage[]> {
    const { root } = this.where
    const admin = root ? [`--admindir=${root}/var/lib/dpkg`] : []
    const told = await this.#told(programs.query, [...admin, '--show', `--showformat=${statusFormat}`])
    return parseStatus(told).filter(({ status }) => status !== 'not-installed' && status !== 'config-files')
  }

  /** Which of these installed packages came as a dependency; naming their version for an upgrade would make apt forget it. */
  async automatic(names: readonly string[]): Promise<ReadonlySet<string>> {
    if (names.length === 0) return new Set()
    const told = await this.#told(programs.mark, ['showauto', '--', ...names])
    return new Set(told.split('\n').filter(Boolean))
  }

  /** Finishes what was interrupted; with nothing to finish it does nothing. */
  repair(): Command {
    return { file: programs.dpkg, argv: [...this.where.dpkg, ...configurationOptions, '--configure', '--pending'] }
  }

  /** Unpacks again what was interrupted while it was unpacked, and configures it. */
  fix(): Command {
    return { file: programs.get, argv: [...this.#installOptions(), '--fix-broken', 'install'] }
  }

  refresh(): Command {
    return { file: programs.get, argv: [...this.#options(), 'update'] }
  }

  install(pins: readonly string[]): Command {
    return { file: programs.get, argv: [...this.#installOptions(), 'install', '--', ...pins] }
  }

  /** What came as a dependency goes when nothing needs it any more, as if apt had chosen it. */
  markAutomatic(names: readonly string[]): Command {
    return { file: programs.mark, argv: [...this.where.apt, 'auto', '--', ...names] }
  }

  #installOptions(): readonly string[] {
    // Without --allow-downgrades and the like apt itself refuses what a plan must not hold.
    return [
      ...this.#options(),
      '--assume-yes',
      '--no-remove',
      '--no-install-recommends',
      ...configurationOptions.flatMap(option => ['-o', `DPkg::Options::=${option}`]),
    ]
  }

  #options(): readonly string[] {
    return [
      '-o',
      `DPkg::Lock::Timeout=${lockSeconds}`,
      '-o',
      'Dpkg::Use-Pty=0',
      '-o',
      'APT::Color=0',
      '-o',
      'Acquire::Retries=2',
      '-o',
      'Acquire::http::Timeout=30',
      '-o',
      'Acquire::https::Timeout=30',
      '--quiet',
      ...this.#aptOptions,
    ]
  }

  async #told(file: string, argv: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.#read(file, argv)
    if (exitCode !== 0) throw failureOf(`${stdout}\n${stderr}`, commandOf)
    return stdout
  }

  async #read(file: string, argv: readonly string[]) {
    if (!exists(file)) throw PackagesUnsupported({ bin: file })
    const options = file === programs.cache || file === programs.mark ? this.where.apt : []
    const release = await this.#reads.take()
    const { timedOut, result } = await runProcess(
      { file, argv: [...options, ...argv] },
      {
        name: 'packages',
        broker: this.broker,
        cwd: '/',
        env: packageEnvironment,
        timeoutMs: readMs,
        maxOutput: 8 * 1024 * 1024,
        signal: never,
      },
    ).finally(release)
    if (timedOut || result.truncated) throw new OutputUnclear(`${file} did not end as expected`)
    return result
  }
}

const never = new AbortController().signal
/** Configuration that somebody edited stays as it is; see dpkg(1). */
const configurationOptions = ['--force-confdef', '--force-confold'] as const
