import type { OperationResult, OperationRule, Params, Word } from '@nusantara/sdk'
import { asUser, type Command, fixedEnvironment } from './command.js'
import { Busy, OperationFailed, OperationTimeout, OperationUnavailable, ParamInvalid, TenantUnknown } from './errors.js'
import type { Host } from './host.js'
import type { Journal } from './journal.js'
import { type OutputSink, runProcess } from './operations/process.js'
import { markOf, reapOrphans } from './operations/reaper.js'
import { Slots } from './operations/slots.js'
import { expandArgv, expandPath, namesTenant, paramsIn, resolveParams } from './params.js'
import { seconds } from './policy/manifest.js'
import { exists } from './policy/versions.js'
import type { CompiledPolicy, Policy } from './policy.js'
import type { Origin } from './protocol.js'

export interface OperationRequest {
  readonly operation: string
  readonly tenant?: string
  readonly params?: Params
  /** Standard input, where the rule allows one. */
  readonly input?: Uint8Array
}

interface Prepared {
  readonly command: Command
  readonly cwd: string
  readonly rule: OperationRule
}

const defaults = { timeout: '30s', maxOutput: 1024 * 1024, concurrency: 4, exitCodes: [0] as readonly number[] }
/** How many calls of one operation may wait for their turn. */
const maxWaiting = 200

/** Runs what manifests name: their program, their argv, nothing of the caller but checked parameters and input. */
export class Operations {
  readonly #slots = new Map<string, Slots>()
  readonly #mark: string

  constructor(
    private readonly host: Host,
    private readonly policy: Policy,
    private readonly journal: Journal,
  ) {
    this.#mark = markOf(host.roots.state)
  }

  /** Ends operations that a killed broker left running; their outcome stays unknown. Called before the first request. */
  reconcile(): number {
    return reapOrphans(this.#mark)
  }

  /**
   * Intent to the journal, process, result to the journal.
   *
   * @throws operation_unknown, operation_unavailable, operation_failed, operation_timeout, operation_aborted,
   *   param_invalid, tenant_unknown, busy, journal_full
   */
  async run(
    origin: Origin,
    request: OperationRequest,
    options: { readonly signal: AbortSignal; readonly output?: OutputSink },
  ): Promise<OperationResult> {
    const policy = this.policy.get(origin.plugin, origin.policy)
    const { command, cwd, rule } = this.#prepare(policy, request)
    const slots = this.#slotsOf(origin.plugin, request.operation, rule)
    const release = await slots.take(options.signal)
    try {
      const { input, ...recorded } = request
      const params = { ...recorded, ...(input && { inputBytes: input.length }) }
      return await this.journal.around(
        'operation.run',
        origin,
        params,
        () => this.#execute(request.operation, { command, cwd, rule }, input, options),
        result => ({ exitCode: result.exitCode, durationMs: result.durationMs, truncated: result.truncated }),
      )
    } finally {
      release()
    }
  }

  async #execute(
    name: string,
    { command, cwd, rule }: Prepared,
    input: Uint8Array | undefined,
    options: { readonly signal: AbortSignal; readonly output?: OutputSink },
  ): Promise<OperationResult> {
    const limit = seconds(rule.timeout ?? defaults.timeout)
    const outcome = await runProcess(command, {
      name,
      broker: this.#mark,
      cwd,
      env: fixedEnvironment,
      timeoutMs: limit * 1000,
      maxOutput: rule.maxOutput ?? defaults.maxOutput,
      signal: options.signal,
      ...(input && { input }),
      ...(options.output && { output: options.output }),
    })
    if (outcome.timedOut) throw OperationTimeout({ operation: name, seconds: limit })
    const { result } = outcome
    if (!(rule.exitCodes ?? defaults.exitCodes).includes(result.exitCode))
      throw OperationFailed({
        operation: name,
        exitCode: result.exitCode,
        output: (result.stderr || result.stdout).slice(-2000),
      })
    return result
  }

  #prepare(policy: CompiledPolicy, { operation, tenant, params, input }: OperationRequest): Prepared {
    const rule = policy.operation(operation)
    const words: readonly Word[] = [rule.bin, ...rule.argv]
    const needsTenant = rule.runAs === 'tenant' || namesTenant(words) || (rule.cwd?.startsWith('tenant:') ?? false)
    if (needsTenant && tenant === undefined) throw TenantUnknown({ tenant: '' })
    if (!needsTenant && tenant !== undefined) throw ParamInvalid({ param: 'tenant', reason: 'is not a parameter here' })
    const owner = tenant === undefined ? undefined : this.host.userOf('tenant', tenant)
    if (input && !rule.stdin) throw ParamInvalid({ param: 'input', reason: 'is not taken by this operation' })
    if (input && rule.stdin && input.length > rule.stdin.maxBytes)
      throw ParamInvalid({ param: 'input', reason: `must have at most ${rule.stdin.maxBytes} bytes` })
    const resolved = resolveParams(policy, paramsIn(words), params, tenant)
    const file = expandPath(this.host, rule.bin, resolved)
    if (!exists(file)) throw OperationUnavailable({ operation, bin: file })
    const plain: Command = { file, argv: expandArgv(this.host, rule.argv, resolved) }
    const command = rule.runAs === 'tenant' && this.host.isolation && owner ? asUser(plain, owner) : plain
    return { command, rule, cwd: this.#directory(rule.cwd ?? '/', tenant) }
  }

  #directory(base: string, tenant: string | undefined): string {
    if (!base.startsWith('tenant:')) return this.host.expandRoot(base)
    // The container belongs to the broker: the tenant cannot exchange these names for links.
    const paths = this.host.tenantPaths(tenant as string)
    return base === 'tenant:root' ? paths.root : base === 'tenant:tmp' ? paths.tmp : paths.home
  }

  #slotsOf(plugin: string, operation: string, rule: OperationRule): Slots {
    const key = `${plugin}/${operation}`
    let slots = this.#slots.get(key)
    if (!slots) {
      slots = new Slots(rule.concurrency ?? defaults.concurrency, maxWaiting, () => Busy({ what: key }))
      this.#slots.set(key, slots)
    }
    return slots
  }
}
