import type { Params, ServiceRule, ServiceStatus, Word } from '@nusantara/sdk'
import { ParamInvalid, VerbRefused } from './errors.js'
import type { Host } from './host.js'
import {
  expandArgv,
  expandPath,
  expandWord,
  namesTenant,
  paramsIn,
  type ResolvedParams,
  resolveParams,
} from './params.js'
import type { CompiledPolicy, Policy } from './policy.js'

/** A service of a manifest; with a tenant or parameters in its unit, one instance of it. */
export interface ServiceRef {
  readonly plugin: string
  readonly service: string
  readonly tenant?: string
  readonly params?: Params
}

export type ListedService = ServiceStatus & ServiceRef & { readonly wanted?: boolean }

export type ServiceVerb = 'start' | 'stop' | 'reload' | 'restart' | 'status'

/** A reference with its rule, checked: everything a service manager needs. */
export interface ResolvedService {
  readonly ref: ServiceRef
  readonly rule: ServiceRule
  readonly params: ResolvedParams
  /** Names the instance on this host. */
  readonly unit: string
  readonly directories: readonly string[]
}

/** How services are run: by systemd, or as children of a sandbox's broker. */
export interface ServiceManager {
  status(service: ResolvedService): Promise<ServiceStatus>
  start(service: ResolvedService): Promise<ServiceStatus>
  stop(service: ResolvedService): Promise<ServiceStatus>
  restart(service: ResolvedService): Promise<ServiceStatus>
  /** Sends the signal to the main process. @throws service_failed when it does not run */
  signal(service: ResolvedService, name: 'HUP' | 'USR1' | 'USR2'): Promise<ServiceStatus>
  /** The main process first, then its descendants; empty when it does not run. */
  pids(service: ResolvedService): Promise<readonly number[]>
  /** Finds again what a former broker left running. */
  adopt(resolve: (ref: ServiceRef) => ResolvedService): Promise<void>
  /** Starts what should run and does not, after {@link adopt}. */
  revive(): Promise<void>
  /** `wanted` says whether it should run, where the manager decides that. */
  list(): Promise<readonly ListedService[]>
  /** Ends what would not outlive an interactive session; what should run is started again next time. */
  stopAll(): Promise<void>
  /** Lets go of timers; services run on. */
  close(): void
}

/**
 * The services that manifests name. Verbs are not checked against the rule here, because a change may start or stop
 * what its rule ensures; {@link run} is what a request reaches.
 */
export class Services {
  constructor(
    private readonly host: Host,
    private readonly policy: Policy,
    private readonly manager: ServiceManager,
  ) {}

  /** Whether a plugin may ask for the verb of this instance. @throws verb_refused and what {@link resolve} throws */
  permit(ref: ServiceRef, verb: ServiceVerb): void {
    const { rule } = this.resolve(ref)
    if (!rule.verbs.includes(verb)) throw VerbRefused({ service: ref.service, verb })
  }

  /** A verb that a plugin asked for. @throws verb_refused and what the verb throws */
  run(ref: ServiceRef, verb: ServiceVerb): Promise<ServiceStatus> {
    this.permit(ref, verb)
    return this[verb](ref)
  }

  status(ref: ServiceRef): Promise<ServiceStatus> {
    return this.manager.status(this.resolve(ref))
  }

  /** Starts it unless it runs, after making its directories. @throws service_failed */
  start(ref: ServiceRef): Promise<ServiceStatus> {
    return this.manager.start(this.resolve(ref))
  }

  stop(ref: ServiceRef): Promise<ServiceStatus> {
    return this.manager.stop(this.resolve(ref))
  }

  restart(ref: ServiceRef): Promise<ServiceStatus> {
    return this.manager.restart(this.resolve(ref))
  }

  /** Makes a running service take its configuration: by its signal, else by a restart. @throws service_failed */
  reload(ref: ServiceRef, name?: 'HUP' | 'USR1' | 'USR2'): Promise<ServiceStatus> {
    const service = this.resolve(ref)
    const signal = name ?? service.rule.reload?.signal
    return signal ? this.manager.signal(service, signal) : this.manager.restart(service)
  }

  /** Its processes, the main one first. */
  pids(ref: ServiceRef): Promise<readonly number[]> {
    return this.manager.pids(this.resolve(ref))
  }

  /** First of two parts of a start, see {@link ServiceManager}: between them configuration may be put right. */
  adopt(): Promise<void> {
    return this.manager.adopt(ref => this.resolve(ref))
  }

  revive(): Promise<void> {
    return this.manager.revive()
  }

  list(): Promise<readonly ListedService[]> {
    return this.manager.list()
  }

  stopAll(): Promise<void> {
    return this.manager.stopAll()
  }

  close(): void {
    this.manager.close()
  }

  /**
   * Checks the reference: parameters that its rule does not use are refused, and so is an unknown tenant.
   * @throws service_unknown, param_invalid, tenant_unknown
   */
  resolve(ref: ServiceRef): ResolvedService {
    const policy = this.policy.current(ref.plugin)
    const rule = policy.service(ref.service)
    const params = this.#params(policy, rule, ref)
    const unit = expandWord(this.host, rule.unit, params)
    const directories = (rule.directories ?? []).map(directory => expandPath(this.host, directory, params))
    return { ref, rule, params, unit, directories }
  }

  #params(policy: CompiledPolicy, rule: ServiceRule, ref: ServiceRef): ResolvedParams {
    const words = wordsOf(rule)
    const tenanted = namesTenant(words)
    if (tenanted) this.host.userOf('tenant', ref.tenant)
    else if (ref.tenant !== undefined) throw ParamInvalid({ param: 'tenant', reason: 'is not a parameter here' })
    return resolveParams(policy, paramsIn(words), ref.params, tenanted ? ref.tenant : undefined)
  }
}

/** Every word of the rule in which a parameter may stand: they decide what makes an instance. */
export function wordsOf(rule: ServiceRule): readonly Word[] {
  const words: Word[] = [rule.unit]
  for (const command of [rule.check, rule.sandbox]) if (command) words.push(command.bin, ...command.argv)
  for (const path of [rule.stage, rule.revision?.path, ...(rule.directories ?? [])]) if (path) words.push(path)
  return words
}

/** The foreground command of a sandbox service. */
export function sandboxCommand(
  host: Host,
  { rule, params }: ResolvedService,
): { file: string; argv: string[] } | undefined {
  if (!rule.sandbox) return undefined
  return { file: expandPath(host, rule.sandbox.bin, params), argv: expandArgv(host, rule.sandbox.argv, params) }
}
