import type { ChangePlan, ChangeResult } from '@nusantara/sdk'
import { ChangeUnknown, Problem } from '../errors.js'
import type { Methods, Origin } from '../protocol.js'
import type { ServiceRef } from '../services.js'
import { Attempts } from './attempts.js'
import { Blobs } from './blobs.js'
import { compileChange } from './compile.js'
import { Confirmations } from './confirmations.js'
import type { ChangeDeps } from './deps.js'
import { HandEdits } from './hand-edits.js'
import { differences } from './history.js'
import { Installer } from './installer.js'
import { Ledger } from './ledger.js'
import type { Draft } from './member.js'
import { Pipelines } from './pipelines.js'
import { planChange } from './plan.js'
import { PutBack } from './put-back.js'
import { type ChangeRecord, ownChange, resultOf } from './records.js'
import { restoreOpenBatches } from './recovery.js'
import { dropOldContents } from './retention.js'
import { takeFilesAgain } from './revival.js'
import type { ChangeStore } from './store.js'

type Params<M extends keyof Methods> = Methods[M]['params']

const retentionEvery = 200

/** Every change of every plugin: what it would do, what became of it, how it is taken back. */
export class Changes {
  readonly #pipelines: Pipelines
  readonly #attempts: Attempts
  readonly #putBack: PutBack
  readonly #handEdits: HandEdits
  readonly #confirmations: Confirmations
  #applied = 0
  #resuming = 0

  private constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
    private readonly recovered: readonly ServiceRef[],
  ) {
    this.#pipelines = new Pipelines(deps, store)
    this.#attempts = new Attempts(store.ledger)
    this.#putBack = new PutBack(deps, store)
    this.#handEdits = new HandEdits(deps, store, this.#putBack, (origin, draft) => this.#once(origin, draft))
    this.#confirmations = new Confirmations(deps, store.ledger, change => this.#takeBack(change))
  }

  /** Opens the state and restores what a crash left open; services are not asked yet. @throws when the state is damaged */
  static async recover(deps: ChangeDeps): Promise<Changes> {
    const directory = `${deps.host.roots.state}/changes`
    const ledger = await Ledger.load(directory)
    const blobs = await Blobs.open(`${directory}/contents`, deps.warn)
    const store = { ledger, blobs, installer: new Installer(blobs, deps.warn), stages: `${directory}/stages` }
    const recovered = await restoreOpenBatches(deps, store)
    await dropOldContents(ledger, blobs)
    return new Changes(deps, store, recovered)
  }

  /** Once services are known and before any is started: takes back what nobody confirmed in time. */
  runOut(): Promise<void> {
    return this.#confirmations.runOut()
  }

  /** Then: makes the services of restored batches take their files again, and waits for the deadlines that are left. */
  async resume(): Promise<void> {
    this.#resuming++
    try {
      await this.#confirmations.resume()
      await Promise.all(this.recovered.map(ref => takeFilesAgain(this.deps, this.#pipelines, ref)))
    } finally {
      this.#resuming--
    }
  }

  /** Whether a batch is open, a change waits for its confirmation, or what a crash left is being put right. */
  get busy(): boolean {
    return this.#resuming > 0 || this.store.ledger.open.size > 0 || this.#confirmations.waiting
  }

  /** Lets go of timers and files; waits for what runs. */
  async close(): Promise<void> {
    await this.#confirmations.close()
    await this.#pipelines.idle()
    await this.store.ledger.shut()
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
    const { plugin, changeId, attempt, expectHash, deadline } = request
    const policy = this.deps.policy.get(plugin, request.policy)
    const make = (): Draft => ({
      changeId,
      attempt,
      compiled: compileChange(this.deps.host, policy, this.deps.services, request),
      ...(expectHash !== undefined && { expectHash }),
      ...(deadline !== undefined && { deadline }),
    })
    return this.#attempts.once(plugin, changeId, attempt, make, draft => this.#submit(request, draft))
  }

  async revert(request: Params<'change.revert'>): Promise<ChangeResult> {
    this.deps.policy.get(request.plugin, request.policy)
    const original = this.#of(request.plugin, request.changeId)
    const { revertId, attempt } = request
    // Nothing was changed, or it is taken back already: an undo may be asked for again after a crash.
    if (['failed', 'reverted'].includes(original.state) && !this.store.ledger.changes.has(revertId))
      return { changeId: revertId, state: 'applied', batch: 0, timings: {} }
    return this.#once(request, await this.#putBack.reversal(original, revertId, attempt))
  }

  async describe({ plugin, changeId, diff }: Params<'change.describe'>): Promise<Methods['change.describe']['result']> {
    const running = this.#attempts.running(plugin, changeId)
    const known = this.store.ledger.changes.get(changeId)
    const record = known?.plugin === plugin ? known : undefined
    if (running && running.attempt > (record?.attempt ?? -1))
      return { changeId, state: 'applying', batch: 0, timings: {} }
    if (!record) return null
    const files = diff && (await differences(record, this.store, name => this.deps.policy.current(name)))
    return { ...resultOf(record), ...(files && { files }) }
  }

  /**
   * @param connection ordinal of the connection over which the request came
   * @throws change_unknown, confirmation_stale, confirmation_late
   */
  async confirm(request: Params<'change.confirm'>, connection: number): Promise<ChangeResult> {
    this.deps.policy.get(request.plugin, request.policy)
    const change = this.#of(request.plugin, request.changeId)
    if (change.state !== 'awaiting_confirmation') return resultOf(change)
    return this.#confirmations.confirm(request, change, connection)
  }

  async drift(request: Params<'change.drift'>): Promise<Methods['change.drift']['result']> {
    const { path = '', action } = request
    const policy = this.deps.policy.get(request.plugin, request.policy)
    if (action === 'adopt') await this.#handEdits.adopt(request, path)
    if (action === 'discard') await this.#handEdits.discard(request, path)
    return { files: await this.#handEdits.find(policy, request.path) }
  }

  /** Takes a change back whose deadline passed. A service that does not run is not started for it. */
  async #takeBack(change: ChangeRecord): Promise<unknown> {
    const { plugin } = change
    const revertId = `${ownChange}deadline:${change.changeId}`
    const attempt = (this.store.ledger.changes.get(revertId)?.attempt ?? 0) + 1
    const draft = await this.#putBack.reversal(change, revertId, attempt)
    const origin: Origin = {
      plugin,
      policy: this.deps.policy.current(plugin).digest,
      actor: { kind: 'system', id: 'broker', name: 'deadline' },
    }
    return this.#once(origin, { ...draft, keepStopped: true })
  }

  #once(origin: Origin, draft: Draft): Promise<ChangeResult> {
    const { changeId, attempt } = draft
    const submit = () => this.#submit(origin, draft)
    return this.#attempts.once(
      origin.plugin,
      changeId,
      attempt,
      () => draft,
      draft.reverts
        ? () => this.#confirmations.whileTakingBack((draft.reverts as ChangeRecord).changeId, submit)
        : submit,
    )
  }

  /** Intent to the journal, the change itself, result to the journal. */
  async #submit(origin: Origin, draft: Draft): Promise<ChangeResult> {
    const { compiled, changeId, attempt } = draft
    const { journal } = this.deps
    const seq = await journal.intent('change.apply', origin, {
      changeId,
      attempt,
      change: compiled.change,
      service: compiled.service.ref,
      files: compiled.files.map(({ path }) => path),
      digest: compiled.digest,
      ...(draft.deadline !== undefined && { deadline: draft.deadline }),
      ...(draft.reverts && { reverts: draft.reverts.changeId }),
    })
    try {
      const record = await this.#guarded(draft)
      await journal.result(seq, 'ok', {
        revision: record.revision,
        files: record.files.map(({ path, before, after }) => ({ path, before, after })),
      })
      return resultOf(record)
    } catch (error) {
      const known = error instanceof Problem ? error : undefined
      await journal.result(seq, known?.code ?? 'internal', known?.params).catch(() => {})
      throw error
    }
  }

  async #guarded(draft: Draft): Promise<ChangeRecord> {
    const { changeId, deadline, reverts } = draft
    if (deadline !== undefined) await this.#confirmations.expect(changeId, deadline)
    try {
      const record = await this.#applyOnce(draft)
      if (deadline !== undefined) await this.#confirmations.begin(record)
      if (reverts) await this.#confirmations.end(reverts.changeId)
      return record
    } catch (error) {
      if (deadline !== undefined) await this.#confirmations.end(changeId)
      throw error
    }
  }

  async #applyOnce(draft: Draft): Promise<ChangeRecord> {
    const record = await new Promise<ChangeRecord>((resolve, reject) => {
      const settle = (record: ChangeRecord, problem?: Error) => (problem ? reject(problem) : resolve(record))
      this.#pipelines.add({ ...draft, settle })
    })
    if (++this.#applied % retentionEvery === 0) void dropOldContents(this.store.ledger, this.store.blobs)
    return record
  }

  /** @throws change_unknown, also for changes of other plugins */
  #of(plugin: string, changeId: string): ChangeRecord {
    const record = this.store.ledger.changes.get(changeId)
    if (record?.plugin !== plugin) throw ChangeUnknown({ changeId })
    return record
  }
}
