import { randomBytes } from 'node:crypto'
import { CheckFailed, Drift, ProbeFailed, Problem, WriteFailed } from '../errors.js'
import type { ResolvedService } from '../services.js'
import { type CompiledFile, revisionFile } from './compile.js'
import type { ChangeDeps, Step } from './deps.js'
import { diskVersion, readDisk, writeFailed } from './disk.js'
import type { Content } from './installer.js'
import type { Member, Prepared, Rendered } from './member.js'
import { failedNames, type NameFailure } from './name-probe.js'
import { Outcomes } from './outcomes.js'
import { Preparation } from './preparation.js'
import { type OpenBatch, serviceKey } from './records.js'
import { Reloading } from './reloading.js'
import { contentsBefore, type Mark, render, renderMark } from './rendering.js'
import { sieve } from './sieve.js'
import { StagedCheck } from './staged-check.js'
import type { ChangeStore } from './store.js'
import { type Wanted, wantedOf } from './wanted.js'

/** Why a whole batch was taken back. */
interface Failure {
  readonly problem: Error
  /** True when no half of the batch would fare better: a full disk, or a service that takes no configuration at all. */
  readonly systemic: boolean
}

/** One try at a set of members: everything that belongs to it and to no other. */
interface Try {
  readonly revision: string
  readonly wanted: Wanted
  readonly timings: Record<string, number>
}

/**
 * Applies batches to one service instance, one after the other: check the whole staged configuration, record the
 * intent, rename into place, reload once, probe, record the outcome. Whatever fails is taken back whole and tried again
 * by halves, so that a bad change costs the good ones nothing but time.
 */
export class Transaction {
  readonly #check: StagedCheck
  readonly #reloading: Reloading
  readonly #outcomes: Outcomes
  readonly #preparation: Preparation

  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
    private readonly service: ResolvedService,
  ) {
    this.#check = new StagedCheck(service, deps.host, store.stages)
    this.#reloading = new Reloading(deps, service)
    this.#outcomes = new Outcomes(deps, store)
    this.#preparation = new Preparation(deps, store, service, this.#outcomes)
  }

  /** Settles every member, whatever happens. */
  async run(members: readonly Member[]): Promise<void> {
    const waiting = new Set<Member>()
    const watched = members.map((member): Member => {
      const settle: Member['settle'] = (record, problem) => {
        waiting.delete(each)
        member.settle(record, problem)
      }
      const each = { ...member, settle }
      waiting.add(each)
      return each
    })
    try {
      await this.#restoreLeftOpen()
      const ready = await this.#preparation.run(watched)
      this.#step('prepared')
      await this.#attempt(ready)
    } catch (error) {
      await this.#outcomes.refuse([...waiting], inWords(error))
    }
  }

  /** A batch that could not be taken back, on a disk that failed under it, is taken back before anything else begins. */
  async #restoreLeftOpen(): Promise<void> {
    const { ledger, installer } = this.store
    for (const open of [...ledger.open.values()]) {
      if (serviceKey(open.service) !== serviceKey(this.service.ref)) continue
      await installer.restore(open.files, open)
      await ledger.close(open.batch, { changes: [], applied: [], gone: [] })
      installer.forget(open.files, open.batch)
    }
  }

  async #attempt(prepared: readonly Prepared[]): Promise<void> {
    if (!prepared.length) return
    const members = prepared.map(({ member }) => member)
    let accepted: readonly Rendered[]
    let current: Try
    try {
      const wanted = await wantedOf(members, this.service, this.store.ledger, this.deps.services)
      current = { revision: randomBytes(8).toString('hex'), wanted, timings: {} }
      accepted = await timed(current.timings, 'check', () => this.#checked(prepared, current))
    } catch (error) {
      return this.#outcomes.refuse(members, inWords(error))
    }
    this.#step('checked')
    const steady = await this.#unedited(accepted)
    if (!steady.length) return
    const failure = await this.#commit(steady, current)
    if (!failure) return
    const left = steady.map(rendered => rendered.prepared)
    if (left.length === 1 || failure.systemic)
      return this.#outcomes.refuse(
        left.map(({ member }) => member),
        failure.problem,
      )
    const middle = Math.ceil(left.length / 2)
    await this.#attempt(left.slice(0, middle))
    await this.#attempt(left.slice(middle))
  }

  /** The members that pass the check of the staged configuration; the others are settled with what it said of them. */
  async #checked(prepared: readonly Prepared[], { revision, wanted }: Try): Promise<readonly Rendered[]> {
    const rendered = prepared.map(each => render(each, revision))
    // A service that does not run afterwards needs no configuration that it could start with.
    if (wanted !== 'running') return rendered
    this.#check.sync(this.#ownPaths())
    const mark = revisionFile(this.deps.host, this.service)
    if (mark) this.#check.put(mark.path, mark.render(revision))
    return sieve(this.#check, this.service.ref.service, rendered, (each, problem) =>
      this.#outcomes.refuse([each.prepared.member], problem),
    )
  }

  /** Without the members whose files somebody edited while the check ran. */
  async #unedited(accepted: readonly Rendered[]): Promise<readonly Rendered[]> {
    const steady: Rendered[] = []
    for (const rendered of accepted) {
      const touched = rendered.prepared.files.find(
        ({ compiled, disk }) => diskVersion(compiled.path) !== (disk?.version ?? null),
      )
      // Hard links change a file's version without changing the file.
      const edited = touched && ((await readDisk(touched.compiled.path))?.sha ?? null) !== (touched.disk?.sha ?? null)
      if (edited) await this.#outcomes.refuse([rendered.prepared.member], Drift({ path: touched.compiled.path }))
      else steady.push(rendered)
    }
    return steady
  }

  /** Everything from the contents that are kept to the outcome. Null when all members are settled. */
  async #commit(rendered: readonly Rendered[], current: Try): Promise<Failure | null> {
    const { revision, timings } = current
    const mark = await renderMark(this.deps.host, this.service, revision)
    const open: OpenBatch = {
      batch: revision,
      service: this.service.ref,
      at: this.deps.now().toISOString(),
      members: this.#outcomes.opening(rendered),
      files: [...rendered.flatMap(each => each.records), ...(mark ? [mark.record] : [])],
      directories: [...new Set(rendered.flatMap(each => each.prepared.missing))].sort((a, b) => a.length - b.length),
    }
    const contents = [...rendered.flatMap(each => each.contents), ...(mark ? [mark.content] : [])]
    const written = contents.flatMap(({ bytes }) => bytes ?? [])
    let release: () => void
    try {
      release = await timed(timings, 'write', () =>
        this.store.blobs.put([...contentsBefore(rendered, mark), ...written]),
      )
    } catch (error) {
      return { problem: notKept(error as NodeJS.ErrnoException), systemic: true }
    }
    try {
      return await this.#install(open, rendered, contents, current, mark)
    } finally {
      release()
    }
  }

  /** From the intent to the outcome. */
  async #install(
    open: OpenBatch,
    rendered: readonly Rendered[],
    contents: readonly Content[],
    current: Try,
    mark: Mark | undefined,
  ): Promise<Failure | null> {
    const { revision, wanted, timings } = current
    const { host } = this.deps
    const changes = rendered.map(each => each.prepared.member.compiled)
    let touched = false
    try {
      await this.#reloading.remember()
      await timed(timings, 'write', () => this.#write(open, contents))
      touched = true
      await timed(timings, 'reload', () => this.#reloading.bring(wanted, changes))
      this.#step('reloaded')
      await timed(timings, 'probe', () => this.#reloading.probe(wanted, changes, mark && revision))
    } catch (error) {
      if (!this.store.ledger.open.has(open.batch)) return { problem: error as Error, systemic: true }
      return this.#takeBack(open, error as Error, touched, mark?.file)
    }
    const failed =
      wanted === 'running'
        ? await timed(timings, 'probe', () => failedNames(host, rendered, revision, this.deps.probeTimeoutMs))
        : new Map<Rendered, NameFailure>()
    this.#step('probed')
    if (failed.size) return this.#withoutFailed(open, rendered, failed, current, mark?.file)
    await this.#close(open, rendered, current)
    return null
  }

  /** From the intent to new files in place. */
  async #write(open: OpenBatch, contents: readonly Content[]): Promise<void> {
    const { ledger, installer } = this.store
    await ledger.begin(open)
    this.#step('opened')
    installer.makeDirectories(open.directories)
    await installer.stage(contents, open.batch, (path, bytes) => this.#check.holder(path, bytes))
    this.#step('written')
    installer.swap(contents, open.batch, () => this.#step('renaming'))
    this.#step('renamed')
  }

  /** Takes members whose names do not answer out of a batch that otherwise works, with one more reload. */
  async #withoutFailed(
    open: OpenBatch,
    rendered: readonly Rendered[],
    failed: ReadonlyMap<Rendered, NameFailure>,
    current: Try,
    mark: CompiledFile | undefined,
  ): Promise<null> {
    const { service } = this.service.ref
    const good = rendered.filter(each => !failed.has(each))
    const problems = [...failed].map(([each, failure]) => [each, ProbeFailed({ service, ...failure })] as const)
    const blame = async () => {
      for (const [each, problem] of problems) await this.#outcomes.refuse([each.prepared.member], problem)
    }
    if (good.length) {
      try {
        await this.store.installer.restore(
          [...failed.keys()].flatMap(each => each.records),
          { batch: open.batch, directories: [] },
        )
        this.#check.sync([
          ...this.#ownPaths(),
          ...good.flatMap(each => each.contents.flatMap(({ path, bytes }) => (bytes ? path : []))),
        ])
        const output = await this.#check.run()
        if (output !== null) throw CheckFailed({ service, output })
        await this.#remark(
          mark,
          good.map(each => each.prepared),
        )
        await this.#close(open, good, current)
        await blame()
        return null
      } catch {
        // The rest does not stand without them: everything goes back, and the good ones are tried again alone.
      }
    }
    const problem = problems[0]?.[1] as Error
    const { systemic } = await this.#takeBack(open, problem, true, mark)
    await blame()
    const left = good.map(each => each.prepared)
    if (!systemic) await this.#attempt(left)
    else
      await this.#outcomes.refuse(
        left.map(({ member }) => member),
        problem,
      )
    return null
  }

  /**
   * Restores every file of the batch and shows, by a reload that must answer a revision of its own, that the service is
   * back. When it is not, the fault is the service's and no member is to blame.
   */
  async #takeBack(open: OpenBatch, problem: Error, touched: boolean, mark: CompiledFile | undefined): Promise<Failure> {
    const { installer, ledger } = this.store
    await installer.restore(open.files, open)
    this.#step('restored')
    let systemic = WriteFailed.is(problem)
    if (touched) {
      try {
        await this.#remark(mark, [])
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
      .catch(error => this.deps.warn(`batch ${open.batch} is restored but could not be closed: ${error.message}`))
    installer.forget(open.files, open.batch)
    return { problem, systemic }
  }

  /** Writes a fresh revision, brings the service to the state that its files ask for, and waits for the revision. */
  async #remark(mark: CompiledFile | undefined, members: readonly Prepared[]): Promise<void> {
    if (!this.#reloading.wasActive && !members.length) return this.#reloading.stopIfRunning()
    const revision = randomBytes(8).toString('hex')
    const bytes = mark?.render(revision)
    if (mark && bytes) await this.store.installer.replace({ ...mark, bytes }, revision)
    const compiled = members.map(each => each.member.compiled)
    await this.#reloading.bring('running', compiled)
    await this.#reloading.probe('running', compiled, mark && revision)
  }

  #close(open: OpenBatch, good: readonly Rendered[], { revision, timings }: Try): Promise<void> {
    return this.#outcomes.applied(open, good, revision, timings, () => this.#step('closed'))
  }

  /** Files of this service that are in force. */
  #ownPaths(): string[] {
    const key = serviceKey(this.service.ref)
    const own: string[] = []
    for (const { path, service } of this.store.ledger.applied.values()) if (serviceKey(service) === key) own.push(path)
    return own
  }

  #step(step: Step): void {
    this.deps.onStep?.(step)
  }
}

/** Errors of the file system in words for a person; problems as they are. */
function inWords(error: unknown): Error {
  const { path, code } = error as NodeJS.ErrnoException
  if (error instanceof Problem || code === undefined) return error as Error
  return writeFailed(path ?? 'the staged configuration', error)
}

function notKept(error: NodeJS.ErrnoException): Error {
  return WriteFailed({ path: 'the stored contents of changes', cause: error.code ?? error.message }, { cause: error })
}

async function timed<T>(timings: Record<string, number>, name: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await run()
  } finally {
    timings[name] = Math.round(((timings[name] ?? 0) + performance.now() - began) * 10) / 10
  }
}
