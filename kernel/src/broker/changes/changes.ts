import type { ChangePlan, ChangeResult } from '@nusantara/sdk'
import { AttemptStale, ChangeConflict, ChangeExpired, ChangeUnknown, ParamInvalid, Problem } from '../errors.js'
import type { CompiledPolicy } from '../policy.js'
import type { Methods, Origin } from '../protocol.js'
import type { ResolvedService, ServiceRef } from '../services.js'
import { Blobs } from './blobs.js'
import {
  type CompiledChange,
  type CompiledFile,
  canonical,
  compileChange,
  revisionFile,
  revisionIn,
} from './compile.js'
import { Deadlines } from './deadlines.js'
import type { ChangeDeps } from './deps.js'
import { diffOf } from './diff.js'
import { readDisk } from './disk.js'
import { findDrift } from './drift.js'
import { Installer } from './installer.js'
import { Ledger } from './ledger.js'
import type { Member } from './member.js'
import { BusyPaths, Pipeline } from './pipeline.js'
import { planChange } from './plan.js'
import { type ChangeRecord, type FileRecord, serviceKey } from './records.js'
import { restoreOpenBatches } from './recovery.js'
import { Reloading } from './reloading.js'
import { dropOldContents } from './retention.js'
import { type ChangeStore, Transaction } from './transaction.js'

type Params<M extends keyof Methods> = Methods[M]['params']
type Draft = Omit<Member, 'settle'>

const retentionEvery = 200

/** Every change of every plugin: what it would do, what became of it, how it is taken back. */
export class Changes {
  readonly #pipelines = new Map<string, { pipeline: Pipeline; transaction: Transaction; digest: string }>()
  readonly #running = new Map<
    string,
    { readonly attempt: number; readonly digest: string; readonly outcome: Promise<ChangeResult> }
  >()
  readonly #busy = new BusyPaths()
  readonly #deadlines: Deadlines
  #applied = 0

  private constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
    private readonly recovered: readonly ServiceRef[],
  ) {
    this.#deadlines = new Deadlines(deps.now ?? (() => new Date()), change => this.#expire(change))
  }

  /** Opens the state and restores what a crash left open; services are not asked yet. */
  static async recover(deps: ChangeDeps): Promise<Changes> {
    const directory = `${deps.host.roots.state}/changes`
    const ledger = await Ledger.load(directory)
    const blobs = await Blobs.open(`${directory}/contents`)
    const warn = deps.warn ?? ((message: string) => process.stderr.write(`${message}\n`))
    const store = { ledger, blobs, installer: new Installer(blobs, warn), stages: `${directory}/stages` }
    const recovered = await restoreOpenBatches(deps, store)
    await dropOldContents(ledger, blobs)
    return new Changes(deps, store, recovered)
  }

  /** Once services are known: brings those of restored batches back, and arms or runs out deadlines. */
  async resume(): Promise<void> {
    for (const change of this.store.ledger.changes.values())
      if (change.state === 'awaiting_confirmation') this.#deadlines.arm(change)
    await Promise.all(this.recovered.map(ref => this.#bringBack(ref)))
  }

  /** Lets go of timers and files; waits for what runs. */
  async close(): Promise<void> {
    this.#deadlines.close()
    for (const { pipeline } of this.#pipelines.values()) await pipeline.idle()
    await this.store.ledger.shut()
  }

  /** Whether the broker has to stay. */
  get busy(): boolean {
    return this.#running.size > 0 || this.#deadlines.armed > 0
  }

  async plan(request: Params<'change.plan'>): Promise<ChangePlan> {
    const policy = this.deps.policy.get(request.plugin, request.policy)
    const change = this.deps.host.expecting(request.tenant, () =>
      compileChange(this.deps.host, policy, this.deps.services, request),
    )
    const { ledger, blobs } = this.store
    return { changeId: '', ...(await planChange(change, ledger, blobs, this.deps.services)) }
  }

  async apply(request: Params<'change.apply'>): Promise<ChangeResult> {
    const { changeId, attempt, expectHash, deadline } = request
    const policy = this.deps.policy.get(request.plugin, request.policy)
    return this.#once(request, changeId, attempt, () => {
      const compiled = compileChange(this.deps.host, policy, this.deps.services, request)
      return {
        changeId,
        attempt,
        compiled,
        ...(expectHash !== undefined && { expectHash }),
        ...(deadline !== undefined && { deadline }),
      }
    })
  }

  async revert(request: Params<'change.revert'>): Promise<ChangeResult> {
    this.deps.policy.get(request.plugin, request.policy)
    const original = this.#of(request.plugin, request.changeId)
    const { revertId, attempt } = request
    // Nothing was changed, or it is taken back already: an undo may be asked for again after a crash.
    if (['failed', 'reverted'].includes(original.state) && !this.store.ledger.changes.has(revertId))
      return { changeId: revertId, state: 'applied', batch: 0, timings: {} }
    const draft = await this.#reversal(original, revertId, attempt)
    return this.#once(request, revertId, attempt, () => draft)
  }

  async describe({ plugin, changeId, diff }: Params<'change.describe'>): Promise<Methods['change.describe']['result']> {
    const running = this.#running.get(changeId)
    const record = this.store.ledger.changes.get(changeId)
    if (record && record.plugin !== plugin) return null
    if (running && (!record || running.attempt > record.attempt))
      return { changeId, state: 'applying', batch: 0, timings: {} }
    if (!record) return null
    return {
      ...resultOf(record),
      ...(diff && { files: await Promise.all(record.files.map(file => this.#difference(file))) }),
    }
  }

  /** What a change did to a file, as long as both contents are kept. */
  async #difference({ file, path, before, after }: FileRecord) {
    const { blobs, ledger } = this.store
    const action =
      before === after
        ? ('none' as const)
        : before === null
          ? ('create' as const)
          : after === null
            ? ('delete' as const)
            : ('modify' as const)
    const [old, now] = [before, after].map(sha => (sha === null ? null : blobs.has(sha) ? blobs.get(sha) : undefined))
    if (old === undefined || now === undefined) return { path, action, diff: '' }
    const secret = ledger.applied.get(path)?.secret ?? this.#isSecret(path, file)
    return { path, action, diff: await diffOf({ path, before: await old, after: await now, secret }) }
  }

  /** Of a file that is gone: by the policies that name it, and secret in doubt. */
  #isSecret(path: string, file: string): boolean {
    for (const change of this.store.ledger.changes.values()) {
      if (!change.files.some(other => other.path === path)) continue
      try {
        return this.deps.policy.current(change.plugin).file(file)?.secret ?? false
      } catch {
        return true
      }
    }
    return true
  }

  /** @throws change_unknown when nothing waits for a confirmation under this id */
  async confirm({ plugin, changeId }: Params<'change.confirm'>): Promise<ChangeResult> {
    const record = this.#of(plugin, changeId)
    if (record.state !== 'awaiting_confirmation') return resultOf(record)
    const { deadline: _, ...rest } = record
    const confirmed: ChangeRecord = { ...rest, state: 'applied' }
    await this.store.ledger.note({ changes: [confirmed] })
    this.#deadlines.disarm(changeId)
    return resultOf(confirmed)
  }

  async drift(request: Params<'change.drift'>): Promise<Methods['change.drift']['result']> {
    const policy = this.deps.policy.get(request.plugin, request.policy)
    const { host } = this.deps
    const { ledger, blobs } = this.store
    const { path, action } = request
    if (action !== undefined) {
      const applied = path === undefined ? undefined : ledger.applied.get(path)
      if (path === undefined || applied?.plugin !== request.plugin)
        throw ParamInvalid({ param: 'path', reason: 'is not a file that a change of this plugin wrote' })
      if (action === 'adopt') await this.#adopt(path)
      else await this.#discard(path, request)
    }
    const files = await findDrift(host, policy, ledger, blobs)
    return { files: path === undefined ? files : files.filter(file => file.path === path) }
  }

  /** The bytes on the disk become the last applied. */
  async #adopt(path: string): Promise<void> {
    const { ledger, blobs } = this.store
    const applied = ledger.applied.get(path)
    const disk = await readDisk(path)
    if (!applied) return
    if (!disk) return ledger.note({ gone: [path] })
    await blobs.put([disk.bytes], true)
    // A revision that the edit removed is not looked for any more.
    const { revision, ...rest } = applied
    const kept = revision !== undefined && disk.bytes.includes(revision)
    await ledger.note({ applied: [{ ...rest, sha: disk.sha, ...(kept && { revision }) }] })
  }

  /** The last applied bytes go back, through a change like any other. */
  async #discard(path: string, origin: Origin): Promise<void> {
    const applied = this.store.ledger.applied.get(path)
    const disk = await readDisk(path)
    if (!applied || disk?.sha === applied.sha) return
    const changeId = `discard-${Date.now()}-${applied.sha.slice(0, 12)}`
    const record = {
      file: applied.file,
      path,
      before: applied.sha,
      after: disk?.sha ?? null,
      ...(applied.revision !== undefined && { revisionBefore: applied.revision }),
    }
    const draft = await this.#putBack({
      changeId,
      attempt: 1,
      change: 'drift.discard',
      service: applied.service,
      plugin: applied.plugin,
      files: [record],
    })
    await this.#once(origin, changeId, 1, () => draft)
  }

  async #reversal(original: ChangeRecord, revertId: string, attempt: number): Promise<Draft> {
    const draft = await this.#putBack({
      changeId: revertId,
      attempt,
      change: original.change,
      service: original.service,
      plugin: original.plugin,
      files: original.files,
    })
    return { ...draft, reverts: original }
  }

  /** A change that puts recorded contents back where they were, when what replaced them still stands there. */
  async #putBack(
    from: Pick<ChangeRecord, 'changeId' | 'attempt' | 'change' | 'service' | 'plugin' | 'files'>,
  ): Promise<Draft> {
    const { changeId, attempt, change, plugin, files } = from
    const policy = this.deps.policy.current(plugin)
    const { blobs } = this.store
    const expired = files.find(({ before }) => before !== null && !blobs.has(before))
    if (expired) throw ChangeExpired({ changeId })
    const contents = new Map<string, Buffer>()
    for (const { path, before } of files) if (before !== null) contents.set(path, await blobs.get(before))
    const rule = policy.change(change) ?? {
      files: [],
      service: from.service.service,
      ensure: this.#ensureOf(policy.privileges.changes, from.service.service),
    }
    const probe =
      rule.probe ??
      Object.values(policy.privileges.changes ?? {}).find(
        other => other.service === from.service.service && other.probe,
      )?.probe
    const service = this.deps.services.resolve(from.service)
    const compiled: CompiledChange = {
      plugin,
      policy: policy.digest,
      change,
      rule: { ...rule, ...(probe && probe.kind !== 'socket' && { probe }) },
      service,
      params: service.params,
      files: files.map(file => this.#recorded(file, contents.get(file.path) ?? null, policy.file(file.file)?.mode)),
      names: [],
      listeners: [],
      onDrift: 'discard',
      digest: canonical([changeId, change, files]),
    }
    return {
      changeId,
      attempt,
      compiled,
      baseline: new Map(files.map(({ path, after }) => [path, after])),
      revisions: new Map(
        files.flatMap(({ path, revisionBefore }) =>
          revisionBefore === undefined ? [] : [[path, revisionBefore] as const],
        ),
      ),
    }
  }

  #ensureOf(
    changes: Readonly<Record<string, { readonly service: string; readonly ensure?: 'running' | 'follow' }>> | undefined,
    service: string,
  ): 'running' | 'follow' {
    return Object.values(changes ?? {}).find(other => other.service === service)?.ensure ?? 'running'
  }

  #recorded(record: FileRecord, bytes: Buffer | null, ruled = '0644'): CompiledFile {
    const { host } = this.deps
    const { file, path, mode = Number.parseInt(ruled, 8), uid = host.own.uid, gid = host.own.gid } = record
    const secret = this.store.ledger.applied.get(path)?.secret ?? false
    return { file, path, mode, uid, gid, secret, render: () => bytes }
  }

  /** One outcome for each (change, attempt), however often it is asked for. */
  async #once(origin: Origin, changeId: string, attempt: number, make: () => Draft): Promise<ChangeResult> {
    const known = this.store.ledger.changes.get(changeId)
    const running = this.#running.get(changeId)
    if (known && known.plugin !== origin.plugin) throw ChangeUnknown({ changeId })
    if (attempt < Math.max(known?.attempt ?? 0, running?.attempt ?? 0)) throw AttemptStale({ changeId, attempt })
    const draft = make()
    const { digest } = draft.compiled
    const same = (other: string) => {
      if (other !== digest)
        throw ParamInvalid({ param: 'changeId', reason: 'stands for a change with another content' })
    }
    if (running) {
      same(running.digest)
      return running.outcome
    }
    if (
      known &&
      (known.state === 'applied' ||
        known.state === 'awaiting_confirmation' ||
        (known.state === 'reverted' && known.attempt === attempt))
    ) {
      same(known.digest)
      return resultOf(known)
    }
    if (
      known?.state === 'failed' &&
      known.attempt === attempt &&
      !known.recovered &&
      known.digest === digest &&
      known.problem
    )
      throw new Problem(known.problem.code, known.problem.status, known.problem.params)
    const outcome = this.#submit(draft, origin)
    this.#running.set(changeId, { attempt, digest, outcome })
    try {
      return await outcome
    } finally {
      this.#running.delete(changeId)
    }
  }

  async #submit(draft: Draft, origin: Origin): Promise<ChangeResult> {
    const { compiled, changeId, attempt } = draft
    const { journal } = this.deps
    const seq = await journal.intent('change.apply', origin, {
      changeId,
      attempt,
      change: compiled.change,
      service: compiled.service.ref,
      files: compiled.files.map(({ path }) => path),
      digest: compiled.digest,
      ...(draft.reverts && { reverts: draft.reverts.changeId }),
    })
    try {
      const record = await this.#queue(draft)
      await journal.result(seq, 'ok', {
        revision: record.revision,
        files: record.files.map(({ path, before, after }) => ({ path, before, after })),
      })
      return resultOf(record)
    } catch (error) {
      await journal
        .result(
          seq,
          error instanceof Problem ? error.code : 'internal',
          error instanceof Problem ? error.params : undefined,
        )
        .catch(() => {})
      throw error
    }
  }

  async #queue(draft: Draft): Promise<ChangeRecord> {
    const record = await new Promise<ChangeRecord>((resolve, reject) => {
      const settle = (record: ChangeRecord, problem?: Error) => (problem ? reject(problem) : resolve(record))
      this.#pipeline(draft.compiled).add({ ...draft, settle })
    })
    if (record.deadline !== undefined) this.#deadlines.arm(record)
    if (draft.reverts) this.#deadlines.disarm(draft.reverts.changeId)
    if (++this.#applied % retentionEvery === 0) void dropOldContents(this.store.ledger, this.store.blobs)
    return record
  }

  #pipeline({ service, policy }: Pick<CompiledChange, 'service' | 'policy'>): Pipeline {
    const key = serviceKey(service.ref)
    const known = this.#pipelines.get(key)
    if (known) {
      // A new policy may check, reload or stage differently.
      if (known.digest !== policy)
        Object.assign(known, { transaction: new Transaction(this.deps, this.store, service), digest: policy })
      return known.pipeline
    }
    const run = (members: readonly Member[]) =>
      (this.#pipelines.get(key) as { transaction: Transaction }).transaction.run(members)
    const transaction = new Transaction(this.deps, this.store, service)
    const made = { transaction, digest: policy, pipeline: new Pipeline(this.#busy, run) }
    this.#pipelines.set(key, made)
    return made.pipeline
  }

  /** A service that ran while its files were put back under it takes them again. */
  async #bringBack(ref: ServiceRef): Promise<void> {
    const warn = this.deps.warn ?? ((message: string) => process.stderr.write(`${message}\n`))
    try {
      const policy = this.deps.policy.current(ref.plugin)
      const service = this.deps.services.resolve(ref)
      await this.#pipeline({ service, policy: policy.digest }).exclusively(async () => {
        if (!(await this.deps.services.status(ref)).active) return
        const answers = await this.#reloadAndProbe(policy, service)
        await this.deps.journal.record('recovery', 'change.apply', { service: ref, reloaded: true, answers })
      })
    } catch (error) {
      warn(`service ${ref.service} runs on a configuration that was taken back: ${(error as Error).message}`)
    }
  }

  /** Reloads until the revision that stands in the service's file answers; a signal sent amid a reload may be lost. */
  async #reloadAndProbe(policy: CompiledPolicy, service: ResolvedService): Promise<boolean> {
    const reloading = new Reloading(this.deps, service)
    const rule = Object.values(policy.privileges.changes ?? {}).find(
      change => change.service === service.ref.service && change.probe?.kind === 'http',
    )
    const mark = revisionFile(this.deps.host, service)
    const disk = mark && (await readDisk(mark.path))
    const revision = mark && disk ? revisionIn(mark, disk.bytes) : undefined
    const probes = rule ? [{ rule, params: service.params }] : []
    for (let left = 3; ; left--) {
      await reloading.bring('running', probes)
      try {
        await reloading.probe('running', probes, revision)
        return true
      } catch (error) {
        if (left === 1) throw error
      }
    }
  }

  async #expire(change: ChangeRecord): Promise<void> {
    const current = this.store.ledger.changes.get(change.changeId)
    if (current?.state !== 'awaiting_confirmation') return
    const origin: Origin = {
      plugin: change.plugin,
      policy: this.deps.policy.current(change.plugin).digest,
      actor: { kind: 'system', id: 'broker', name: 'deadline' },
    }
    const revertId = `${change.changeId}.deadline`
    try {
      const attempt = (this.store.ledger.changes.get(revertId)?.attempt ?? 0) + 1
      const draft = await this.#reversal(current, revertId, attempt)
      await this.#once(origin, revertId, attempt, () => draft)
    } catch (error) {
      if (!ChangeConflict.is(error) && !ChangeExpired.is(error)) throw error
      // Somebody changed the files since: that edit is not overwritten, and the change stands.
      const { deadline: _, ...rest } = current
      await this.store.ledger.note({ changes: [{ ...rest, state: 'applied' }] })
    }
  }

  /** @throws change_unknown, also for changes of other plugins */
  #of(plugin: string, changeId: string): ChangeRecord {
    const record = this.store.ledger.changes.get(changeId)
    if (record?.plugin !== plugin) throw ChangeUnknown({ changeId })
    return record
  }
}

function resultOf({ changeId, state, revision, batch, timings }: ChangeRecord): ChangeResult {
  return { changeId, state, ...(revision !== undefined && { revision }), batch, timings }
}
