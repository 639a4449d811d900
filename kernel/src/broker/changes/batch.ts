import { randomBytes } from 'node:crypto'
import { CheckFailed, JournalFull, ProbeFailed, WriteFailed } from '../errors.js'
import type { ResolvedService } from '../services.js'
import type { ChangeDeps, Step } from './deps.js'
import type { Content } from './installer.js'
import type { Prepared, Rendered } from './member.js'
import { failedNames, type NameFailure } from './name-probe.js'
import type { Outcomes } from './outcomes.js'
import { type OpenBatch, ownPaths } from './records.js'
import type { Reloading } from './reloading.js'
import { contentsBefore, type Mark, renderMark } from './rendering.js'
import type { StagedCheck } from './staged-check.js'
import type { ChangeStore } from './store.js'
import { timed } from './timed.js'
import type { Wanted } from './wanted.js'

/** What every batch of one service works with. */
export interface Workshop {
  readonly deps: ChangeDeps
  readonly store: ChangeStore
  readonly service: ResolvedService
  readonly check: StagedCheck
  readonly reloading: Reloading
  readonly outcomes: Outcomes
}

/** Everything that belongs to one try at a set of members and to no other. */
export interface Try {
  readonly revision: string
  readonly wanted: Wanted
  readonly timings: Record<string, number>
}

/** Why a whole batch was taken back. */
export interface Failure {
  readonly problem: Error
  /** True when no part of the batch would fare better: a full disk, or a service that takes no configuration at all. */
  readonly systemic: boolean
  /** Members that are to blame for it, and why; empty when nobody can say. */
  readonly blamed: ReadonlyMap<Rendered, Error>
}

const nobody: ReadonlyMap<Rendered, Error> = new Map()

/** Members that passed the check, from the intent to the outcome: either in force and settled, or taken back whole. */
export class Batch {
  #mark: Mark | undefined

  constructor(
    private readonly workshop: Workshop,
    private readonly rendered: readonly Rendered[],
    private readonly current: Try,
  ) {}

  /** Null when all members are settled. */
  async run(): Promise<Failure | null> {
    const { deps, store, service } = this.workshop
    const mark = await renderMark(deps.host, service, this.current.revision)
    this.#mark = mark
    const contents = [...this.rendered.flatMap(each => each.contents), ...(mark ? [mark.content] : [])]
    const written = contents.flatMap(({ bytes }) => bytes ?? [])
    let release: () => void
    try {
      release = await this.#timed('write', () => store.blobs.put([...contentsBefore(this.rendered, mark), ...written]))
    } catch (error) {
      return { problem: notKept(error as NodeJS.ErrnoException), systemic: true, blamed: nobody }
    }
    try {
      return await this.#commit(this.#intent(mark), contents)
    } finally {
      release()
    }
  }

  #intent(mark: Mark | undefined): OpenBatch {
    const { deps, service, outcomes } = this.workshop
    const missing = this.rendered.flatMap(each => each.prepared.missing)
    return {
      batch: this.current.revision,
      service: service.ref,
      at: deps.now().toISOString(),
      members: outcomes.opening(this.rendered),
      files: [...this.rendered.flatMap(each => each.records), ...(mark ? [mark.record] : [])],
      directories: [...new Set(missing)].sort((a, b) => a.length - b.length),
    }
  }

  async #commit(open: OpenBatch, contents: readonly Content[]): Promise<Failure | null> {
    const { deps, store, reloading } = this.workshop
    const { revision, wanted } = this.current
    const changes = this.rendered.map(each => each.prepared.member.compiled)
    let touched = false
    try {
      await reloading.remember()
      await this.#timed('write', () => this.#install(open, contents))
      touched = true
      await this.#timed('reload', () => reloading.bring(wanted, changes))
      this.#step('reloaded')
      await this.#timed('probe', () => reloading.probe(wanted, changes, this.#mark && revision))
    } catch (error) {
      if (!store.ledger.open.has(open.batch)) return { problem: error as Error, systemic: true, blamed: nobody }
      return this.#takeBack(open, error as Error, touched)
    }
    const failed =
      wanted === 'running'
        ? await this.#timed('probe', () => failedNames(deps.host, this.rendered, revision, deps.probeTimeoutMs))
        : new Map<Rendered, NameFailure>()
    this.#step('probed')
    if (failed.size) return this.#withoutFailed(open, failed)
    try {
      await this.#close(open, this.rendered)
      return null
    } catch (error) {
      // What is not recorded as done is not done.
      return this.#takeBack(open, error as Error, true)
    }
  }

  /** From the intent to new files in place. */
  async #install(open: OpenBatch, contents: readonly Content[]): Promise<void> {
    const { check, store } = this.workshop
    const { ledger, installer } = store
    await ledger.begin(open)
    this.#step('opened')
    installer.makeDirectories(open.directories)
    await installer.stage(contents, open.batch, (path, bytes) => check.holder(path, bytes))
    this.#step('written')
    installer.swap(contents, open.batch, () => this.#step('renaming'))
    this.#step('renamed')
  }

  /** Takes members whose names do not answer out of a batch that otherwise works, with one more reload. */
  async #withoutFailed(open: OpenBatch, failed: ReadonlyMap<Rendered, NameFailure>): Promise<Failure | null> {
    const { check, outcomes, service, store } = this.workshop
    const name = service.ref.service
    const good = this.rendered.filter(each => !failed.has(each))
    const blamed = new Map(
      [...failed].map(([each, failure]) => [each, ProbeFailed({ service: name, ...failure })] as const),
    )
    const problem = [...blamed.values()][0] as Error
    if (!good.length) return this.#takeBack(open, problem, true, blamed)
    try {
      const records = [...failed.keys()].flatMap(each => each.records)
      await store.installer.restore(records, { batch: open.batch, directories: [] })
      const standing = good.flatMap(each => each.contents.flatMap(({ path, bytes }) => (bytes ? path : [])))
      check.sync([...ownPaths(store.ledger.applied, service.ref), ...standing])
      const output = await check.run()
      if (output !== null) throw CheckFailed({ service: name, output })
      await this.#remark(good.map(each => each.prepared))
      await this.#close(open, good)
    } catch {
      // The rest does not stand without them: everything goes back, and the good ones may be tried again alone.
      return this.#takeBack(open, problem, true, blamed)
    }
    for (const [each, error] of blamed) await outcomes.refuse([each.prepared.member], error)
    return null
  }

  /**
   * Restores every file of the batch and shows, by a reload that must answer a revision of its own, that the service is
   * back. When it is not, the fault is the service's and no member is to blame.
   */
  async #takeBack(open: OpenBatch, problem: Error, touched: boolean, blamed = nobody): Promise<Failure> {
    const { deps, store } = this.workshop
    const { installer, ledger } = store
    await installer.restore(open.files, open)
    this.#step('restored')
    let systemic = WriteFailed.is(problem) || JournalFull.is(problem)
    if (touched) {
      try {
        await this.#remark([])
      } catch {
        systemic = true
        await installer.restore(
          open.files.filter(({ file }) => file === ''),
          { batch: open.batch, directories: [] },
        )
      }
    }
    await ledger
      .close(open.batch, { changes: [], applied: [], gone: [] })
      .catch(error => deps.warn(`batch ${open.batch} is restored but could not be closed: ${error.message}`))
    installer.forget(open.files, open.batch)
    return { problem, systemic, blamed }
  }

  /** Writes a fresh revision, brings the service to the state that its files ask for, and waits for the revision. */
  async #remark(members: readonly Prepared[]): Promise<void> {
    const { reloading, store } = this.workshop
    if (!reloading.wasActive && !members.length) return reloading.stopIfRunning()
    const revision = randomBytes(8).toString('hex')
    const file = this.#mark?.file
    const bytes = file?.render(revision)
    if (file && bytes) await store.installer.replace({ ...file, bytes }, revision)
    const compiled = members.map(each => each.member.compiled)
    await reloading.bring('running', compiled)
    await reloading.probe('running', compiled, file && revision)
  }

  #close(open: OpenBatch, good: readonly Rendered[]): Promise<void> {
    const { revision, timings } = this.current
    return this.workshop.outcomes.applied(open, good, revision, timings, () => this.#step('closed'))
  }

  #timed<T>(name: string, run: () => Promise<T>): Promise<T> {
    return timed(this.current.timings, name, run)
  }

  #step(step: Step): void {
    this.workshop.deps.onStep?.(step)
  }
}

function notKept(error: NodeJS.ErrnoException): Error {
  return WriteFailed({ path: 'the stored contents of changes', cause: error.code ?? error.message }, { cause: error })
}
