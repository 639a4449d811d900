import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type {
  ChangeRule,
  FileRule,
  Grammar,
  OperationRule,
  PackageSetRule,
  ParamRule,
  Privileges,
  ServiceRule,
  Word,
} from '@nusantara/sdk'
import {
  OperationUnknown,
  PackageSetUnknown,
  PolicyChanged,
  PolicyDisabled,
  PolicyRejected,
  PolicyUnapproved,
  PolicyUnknown,
  ServiceUnknown,
} from './errors.js'
import { parseGrammar } from './formats/grammar.js'
import { enumValues, type ParamContext, paramsIn } from './params.js'
import { Grants } from './policy/grants.js'
import { parseManifest } from './policy/manifest.js'
import {
  digestOf,
  findManifests,
  guardDirectory,
  guardSource,
  type ManifestSource,
  readGuarded,
} from './policy/source.js'
import { readVersions } from './policy/versions.js'
import type { PolicyInfo } from './protocol.js'
import { boolean, object, record, string, Violation } from './schema.js'
import { readStateFile, writeStateFile } from './state-file.js'

/** One plugin's manifest, validated, with its grammars. */
export class CompiledPolicy implements ParamContext {
  readonly rules: ReadonlyMap<string, ParamRule>
  readonly #operations: ReadonlyMap<string, OperationRule>
  readonly #files: ReadonlyMap<string, FileRule>
  readonly #services: ReadonlyMap<string, ServiceRule>
  readonly #changes: ReadonlyMap<string, ChangeRule>
  readonly #packages: ReadonlyMap<string, PackageSetRule>

  constructor(
    readonly plugin: string,
    readonly digest: string,
    readonly privileges: Privileges,
    readonly grammars: ReadonlyMap<string, Grammar>,
    readonly versions: (key: string) => readonly string[],
    readonly grammarDigests: Readonly<Record<string, string>>,
  ) {
    this.rules = new Map(Object.entries(privileges.params ?? {}))
    this.#operations = new Map(Object.entries(privileges.operations ?? {}))
    this.#files = new Map(Object.entries(privileges.files ?? {}))
    this.#services = new Map(Object.entries(privileges.services ?? {}))
    this.#changes = new Map(Object.entries(privileges.changes ?? {}))
    this.#packages = new Map(Object.entries(privileges.packages ?? {}))
  }

  /** @throws operation_unknown */
  operation(name: string): OperationRule {
    const rule = this.#operations.get(name)
    if (!rule) throw OperationUnknown({ plugin: this.plugin, operation: name })
    return rule
  }

  /** @throws service_unknown */
  service(name: string): ServiceRule {
    const rule = this.#services.get(name)
    if (!rule) throw ServiceUnknown({ plugin: this.plugin, service: name })
    return rule
  }

  file(name: string): FileRule | undefined {
    return this.#files.get(name)
  }

  /** Whether a private key or a certificate may stand in the file. */
  holdsKeyOrCertificate(name: string): boolean {
    const { grammar } = this.#files.get(name) ?? {}
    return (
      grammar !== undefined &&
      typesIn(this.grammars.get(grammar)).some(type => type === 'key' || type === 'certificates')
    )
  }

  change(name: string): ChangeRule | undefined {
    return this.#changes.get(name)
  }

  /** @throws package_set_unknown */
  packageSet(name: string): PackageSetRule {
    const rule = this.#packages.get(name)
    if (!rule) throw PackageSetUnknown({ plugin: this.plugin, set: name })
    return rule
  }

  /** Whether there is any set of packages in it. */
  get installs(): boolean {
    return this.#packages.size > 0
  }

  /** Operations and services none of whose programs is installed, with the program. */
  unavailable(): readonly { readonly name: string; readonly bin: string }[] {
    const missing: { name: string; bin: string }[] = []
    const look = (name: string, bin: Word) => {
      const programs = this.programs(bin)
      if (!programs.some(program => existsSync(program))) missing.push({ name, bin: programs[0] ?? flatten(bin) })
    }
    for (const [name, rule] of this.#operations) look(`operations.${name}`, rule.bin)
    for (const [name, rule] of this.#services) {
      const bin = rule.check?.bin ?? rule.sandbox?.bin
      if (bin) look(`services.${name}`, bin)
    }
    return missing
  }

  /** Every program that the word can name on this host. */
  programs(bin: Word): readonly string[] {
    const parts = Array.isArray(bin) ? (bin as readonly Word[]) : [bin]
    return parts.reduce<readonly string[]>(
      (prefixes, part) => {
        const texts =
          typeof part === 'string' ? [part] : [...paramsIn([part]).keys()].flatMap(name => this.#values(name))
        return prefixes.flatMap(prefix => texts.map(text => prefix + text))
      },
      [''],
    )
  }

  #values(param: string): readonly string[] {
    const rule = this.rules.get(param)
    return rule && 'enum' in rule ? enumValues(this, rule.enum) : []
  }
}

type Loaded = { readonly source: ManifestSource } & (
  | { readonly policy: CompiledPolicy; readonly reason?: undefined }
  | { readonly policy?: undefined; readonly reason: string }
)

interface Decisions {
  /** Plugin → digest that root approved. */
  readonly approved: Readonly<Record<string, string>>
  /** Plugin → last enable or disable. */
  readonly enabled: Readonly<Record<string, boolean>>
}

const digest = string({ max: 64, pattern: /^[0-9a-f]{64}$/ })
const plugin = /^[a-z][a-z0-9-]{0,40}$/
const decisions = object({
  approved: record(digest, { max: 1000, key: plugin }),
  enabled: record(boolean, { max: 1000, key: plugin }),
})
const maxVersionsAge = 2000

/**
 * What each plugin may do. Manifests are read at start and by {@link describe}; one with an error is refused alone.
 * First-party plugins count as approved and are enabled until somebody disables them; others need `policy.approve` by
 * root, for each digest, and then `policy.enable`.
 */
export class Policy {
  readonly #loaded = new Map<string, Loaded>()
  readonly #grants: Grants
  #decisions: Decisions
  #versions: ReadonlyMap<string, readonly string[]> = new Map()
  #versionsRead = Number.NEGATIVE_INFINITY

  constructor(
    private readonly options: {
      readonly pluginDirs: readonly string[]
      readonly versionsFile: string
      readonly stateFile: string
      /** Keeps what root agreed to, to show later what an update asks for beyond it. */
      readonly grantsDirectory: string
    },
  ) {
    this.#grants = new Grants(options.grantsDirectory)
    const stored = readStateFile(options.stateFile)
    this.#decisions = stored === undefined ? { approved: {}, enabled: {} } : decisions(stored, options.stateFile)
    this.reload()
  }

  /** Reads every manifest again. */
  reload(): void {
    this.#loaded.clear()
    this.#versionsRead = Number.NEGATIVE_INFINITY
    for (const source of findManifests(this.options.pluginDirs)) this.#loaded.set(source.plugin, this.#load(source))
  }

  /**
   * The policy that a request was made for.
   * @throws policy_unknown, policy_rejected, policy_changed, policy_unapproved, policy_disabled
   */
  get(name: string, expected: string): CompiledPolicy {
    const policy = this.current(name)
    if (policy.digest !== expected) throw PolicyChanged({ plugin: name, digest: policy.digest })
    if (this.#state(name) === 'disabled') throw PolicyDisabled({ plugin: name })
    return policy
  }

  /**
   * The approved policy in force, enabled or not: what a disabled plugin left running is still run by its rules.
   * @throws policy_unknown, policy_rejected, policy_unapproved
   */
  current(name: string): CompiledPolicy {
    const loaded = this.#loaded.get(name)
    if (!loaded) throw PolicyUnknown({ plugin: name })
    if (!loaded.policy) throw PolicyRejected({ plugin: name, reason: loaded.reason })
    if (this.#state(name) === 'unapproved') throw PolicyUnapproved({ plugin: name, digest: loaded.policy.digest })
    return loaded.policy
  }

  /** Services of every plugin that is enabled, by name alone: some have an instance for each tenant. */
  enabledServices(): readonly { readonly plugin: string; readonly service: string }[] {
    return [...this.#loaded].flatMap(([plugin, { policy }]) =>
      policy && this.#state(plugin) === 'enabled'
        ? Object.keys(policy.privileges.services ?? {}).map(service => ({ plugin, service }))
        : [],
    )
  }

  /** What is known of one plugin or of all; reads the manifests again first. */
  describe(name?: string): readonly PolicyInfo[] {
    this.reload()
    const names = name === undefined ? [...this.#loaded.keys()] : this.#loaded.has(name) ? [name] : []
    return names.map(each => this.#info(each))
  }

  /** Only root's own socket leads here. The digest says what root has read. @throws policy_unknown, policy_rejected, policy_changed */
  approve(name: string, expected: string): PolicyInfo {
    this.reload()
    const loaded = this.#loaded.get(name)
    if (!loaded) throw PolicyUnknown({ plugin: name })
    if (!loaded.policy) throw PolicyRejected({ plugin: name, reason: loaded.reason })
    if (loaded.policy.digest !== expected) throw PolicyChanged({ plugin: name, digest: loaded.policy.digest })
    const { privileges, grammarDigests } = loaded.policy
    this.#grants.write(name, expected, { privileges, grammars: grammarDigests })
    this.#decide({ ...this.#decisions, approved: { ...this.#decisions.approved, [name]: expected } })
    return this.#info(name)
  }

  /** @throws what {@link current} throws, and policy_changed */
  enable(name: string, expected: string): PolicyInfo {
    const policy = this.current(name)
    if (policy.digest !== expected) throw PolicyChanged({ plugin: name, digest: policy.digest })
    this.#decide({ ...this.#decisions, enabled: { ...this.#decisions.enabled, [name]: true } })
    return this.#info(name)
  }

  /** @throws policy_unknown */
  disable(name: string): PolicyInfo {
    if (!this.#loaded.has(name)) throw PolicyUnknown({ plugin: name })
    this.#decide({ ...this.#decisions, enabled: { ...this.#decisions.enabled, [name]: false } })
    return this.#info(name)
  }

  /** Present values of a key of versions.json; looked up on disk at most every two seconds. */
  versions = (key: string): readonly string[] => this.allVersions().get(key) ?? []

  allVersions(): ReadonlyMap<string, readonly string[]> {
    if (performance.now() - this.#versionsRead > maxVersionsAge) {
      this.#versions = readVersions(this.options.versionsFile)
      this.#versionsRead = performance.now()
    }
    return this.#versions
  }

  #load(source: ManifestSource): Loaded {
    try {
      guardSource(source)
      const files = new Map([['privileges.json', readGuarded(`${source.directory}/privileges.json`)]])
      const privileges = parseManifest(
        parseJson(files.get('privileges.json') as Buffer, 'privileges.json'),
        source.plugin,
      )
      const grammars = new Map<string, Grammar>()
      for (const { grammar } of Object.values(privileges.files ?? {})) {
        if (!grammar || grammars.has(grammar)) continue
        if (grammars.size === 0) guardDirectory(`${source.directory}/grammars`)
        const bytes = readGuarded(`${source.directory}/${grammar}`)
        files.set(grammar, bytes)
        grammars.set(grammar, parseGrammarFile(bytes, grammar))
      }
      guardKeys(privileges, grammars)
      const digests = Object.fromEntries([...grammars.keys()].map(name => [name, sha256(files.get(name) as Buffer)]))
      const digest = digestOf(files)
      return { source, policy: new CompiledPolicy(source.plugin, digest, privileges, grammars, this.versions, digests) }
    } catch (error) {
      return { source, reason: error instanceof Error ? error.message : String(error) }
    }
  }

  #state(name: string): PolicyInfo['state'] {
    const loaded = this.#loaded.get(name)
    if (!loaded?.policy) return 'rejected'
    if (loaded.source.firstParty) return this.#decision('enabled', name) === false ? 'disabled' : 'enabled'
    if (this.#decision('approved', name) !== loaded.policy.digest) return 'unapproved'
    return this.#decision('enabled', name) === true ? 'enabled' : 'disabled'
  }

  #decision<K extends keyof Decisions>(kind: K, name: string): Decisions[K][string] | undefined {
    return Object.hasOwn(this.#decisions[kind], name)
      ? (this.#decisions[kind][name] as Decisions[K][string])
      : undefined
  }

  #info(name: string): PolicyInfo {
    const { policy, reason } = this.#loaded.get(name) as Loaded
    const state = this.#state(name)
    if (!policy) return { plugin: name, digest: '', state, reason, unavailable: [] }
    const former = this.#decision('approved', name)
    const approved = state === 'unapproved' && former !== undefined ? this.#grants.read(name, former) : undefined
    return {
      plugin: name,
      digest: policy.digest,
      state,
      privileges: policy.privileges,
      grammars: policy.grammarDigests,
      ...(approved && { approved }),
      unavailable: policy.unavailable(),
    }
  }

  #decide(next: Decisions): void {
    writeStateFile(this.options.stateFile, next)
    this.#decisions = next
  }
}

function parseGrammarFile(bytes: Buffer, name: string): Grammar {
  try {
    return parseGrammar(parseJson(bytes, name))
  } catch (error) {
    if (error instanceof Violation) throw new Error(`${name}: ${error.message}`, { cause: error })
    throw error
  }
}

/** A private key is written where only root reads it, and never shown in a diff. @throws Violation */
function guardKeys({ files = {} }: Privileges, grammars: ReadonlyMap<string, Grammar>): void {
  for (const [name, { grammar, secret, owner, mode }] of Object.entries(files)) {
    const types = grammar === undefined ? [] : typesIn(grammars.get(grammar))
    if (types.includes('key') && !(secret && owner === 'root' && mode === '0600'))
      throw new Violation(`files.${name}`, 'holds a private key: it must be secret, of root, with mode 0600')
  }
}

/** Types of the arguments and names that may stand in a file. */
function typesIn(grammar: Grammar | undefined): readonly string[] {
  return Object.values(grammar?.contexts ?? {})
    .flatMap(context => Object.values(context))
    .flatMap(({ args = [], rest, last, nameType }) => [...args, rest, last, nameType].flatMap(rule => rule?.type ?? []))
}

function parseJson(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new Error(`${name}: is not JSON: ${(error as Error).message}`, { cause: error })
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function flatten(word: Word): string {
  if (typeof word === 'string') return word
  if (Array.isArray(word)) return word.map(flatten).join('')
  return 'param' in word ? `<${word.param}>` : ''
}
