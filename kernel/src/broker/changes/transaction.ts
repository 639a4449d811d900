import { randomBytes } from 'node:crypto'
import { ChangeConflict, CheckFailed, Drift, PlanOutdated, ProbeFailed, Problem, WriteFailed } from '../errors.js'
import type { ResolvedService } from '../services.js'
import { type Blobs, sha256 } from './blobs.js'
import { type CompiledFile, revisionFile } from './compile.js'
import type { ChangeDeps, Step } from './deps.js'
import { diskVersion, guardPath, readDisk, writeFailed } from './disk.js'
import { removeEmpty } from './empty-directories.js'
import { inspect } from './inspection.js'
import type { Installer } from './installer.js'
import type { Ledger } from './ledger.js'
import { type Member, type Prepared, type Rendered, recordOf } from './member.js'
import { type NameFailure, probeNames } from './name-probe.js'
import { parallel } from './parallel.js'
import { remains } from './plan.js'
import { type AppliedFile, type ChangeRecord, type FileRecord, type OpenBatch, serviceKey } from './records.js'
import { Reloading } from './reloading.js'
import { StagedCheck } from './staged-check.js'

export interface ChangeStore {
  readonly ledger: Ledger
  readonly blobs: Blobs
  readonly installer: Installer
  /** Directory of staged trees. */
  readonly stages: string
}

/** Why a whole batch was taken back. */
interface Failure {
  readonly problem: Error
  /** True when no half of the batch would fare better: a full disk, or a service that takes no configuration at all. */
  readonly systemic: boolean
}

/** Old workers were measured to answer for a tenth of this after the first new answer. */
const nameTimeoutMs = 1000

/**
 * Applies batches to one service instance, one after the other: check the whole staged configuration, record the
 * intent, rename into place, reload once, probe, record the outcome. Whatever fails is taken back whole and tried again
 * by halves, so that a bad change costs the good ones nothing but time.
 */
export class Transaction {
  readonly #check: StagedCheck
  readonly #reloading: Reloading

  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
    private readonly service: ResolvedService,
  ) {
    this.#check = new StagedCheck(service, deps.host, store.stages)
    this.#reloading = new Reloading(deps, service)
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
      await this.#apply(watched)
    } catch (error) {
      await this.#refuse(
        [...waiting].map(member => ({ member })),
        inWords(error),
      )
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

  async #apply(members: readonly Member[]): Promise<void> {
    const ready: (Prepared | null)[] = []
    await parallel(members, 16, async (member, index) => {
      ready[index] = await this.#settling(member, () => this.#prepare(member))
    })
    this.#step('prepared')
    await this.#attempt(ready.filter(each => each !== null))
  }

  /** Reads, compares and guards the files of one member. Null when it is settled already. */
  async #prepare(member: Member): Promise<Prepared | null> {
    const { compiled, expectHash, baseline } = member
    const inspection = await inspect(compiled, this.store.ledger)
    for (const { compiled: file, disk } of inspection.files)
      if (baseline && (baseline.get(file.path) ?? null) !== (disk?.sha ?? null))
        throw ChangeConflict({ path: file.path })
    if (expectHash !== undefined && expectHash !== inspection.hash) throw PlanOutdated()
    const drifted = inspection.files.find(file => file.drifted)
    if (drifted && compiled.onDrift === 'refuse' && !baseline) throw Drift({ path: drifted.compiled.path })
    const roots = Object.values(this.deps.host.roots)
    const missing = inspection.files.flatMap(({ compiled: file, wanted }) =>
      wanted ? guardPath(file.path, roots) : [],
    )
    const prepared = { member, files: inspection.files, missing }
    const same = inspection.files.every(
      ({ action, applied, disk, compiled: file }) =>
        action === 'none' && applied?.sha === disk?.sha && (!disk || disk.mode === file.mode),
    )
    if (!same || !(await this.#reloading.isAsWanted(this.#wanted([prepared])))) return prepared
    await this.#unchanged(prepared)
    return null
  }

  /** Everything is in place and running: applied, without a reload. */
  async #unchanged({ member, files }: Prepared): Promise<void> {
    const records = files.map(({ compiled, disk }) => ({
      file: compiled.file,
      path: compiled.path,
      before: disk?.sha ?? null,
      after: disk?.sha ?? null,
    }))
    const revision = files.find(({ applied }) => applied?.revision)?.applied?.revision
    await this.#finish([{ member, record: this.#record(member, records, { batch: 0, timings: {}, revision }) }])
  }

  async #attempt(prepared: readonly Prepared[]): Promise<void> {
    if (!prepared.length) return
    const revision = randomBytes(8).toString('hex')
    const timings: Record<string, number> = {}
    let accepted: Rendered[]
    try {
      accepted = await timed(timings, 'check', () => this.#sift(prepared, revision))
    } catch (error) {
      await this.#refuse(prepared, inWords(error))
      return
    }
    this.#step('checked')
    const steady: Rendered[] = []
    for (const rendered of accepted) {
      // Somebody may have edited a file while the check ran.
      const edited = rendered.prepared.files.find(
        ({ compiled, disk }) => diskVersion(compiled.path) !== (disk?.version ?? null),
      )
      if (edited && (await this.#edited(edited.compiled.path, edited.disk?.sha ?? null)))
        await this.#refuse([rendered.prepared], Drift({ path: edited.compiled.path }))
      else steady.push(rendered)
    }
    if (!steady.length) return
    const failure = await this.#commit(steady, revision, timings)
    if (!failure) return
    const left = steady.map(rendered => rendered.prepared)
    if (left.length === 1 || failure.systemic) return this.#refuse(left, failure.problem)
    const middle = Math.ceil(left.length / 2)
    await this.#attempt(left.slice(0, middle))
    await this.#attempt(left.slice(middle))
  }

  /** Hard links change a file's version without changing the file. */
  async #edited(path: string, sha: string | null): Promise<boolean> {
    return ((await readDisk(path))?.sha ?? null) !== sha
  }

  /**
   * Finds the members that pass the check together; the others are settled with what the check said about them. Halves
   * are checked on top of what was accepted before, so two changes that only clash with each other cost one of them.
   */
  async #sift(prepared: readonly Prepared[], revision: string): Promise<Rendered[]> {
    const own = [...this.store.ledger.applied.values()].filter(
      file => serviceKey(file.service) === serviceKey(this.service.ref),
    )
    this.#check.sync(own.map(file => file.path))
    const mark = revisionFile(this.deps.host, this.service)
    if (mark) this.#check.put(mark.path, mark.render(revision))
    const rendered = prepared.map(each => render(each, revision))
    // A service that stops needs no configuration that it could start with.
    if (this.#wanted(prepared) === 'stopped') return rendered
    return this.#pass(rendered)
  }

  async #pass(candidates: readonly Rendered[]): Promise<Rendered[]> {
    for (const { contents } of candidates) for (const { path, bytes } of contents) this.#check.put(path, bytes)
    const output = await this.#check.run()
    if (output === null) return [...candidates]
    for (const { contents } of candidates) for (const { path } of contents) this.#check.revert(path)
    const [only] = candidates
    if (candidates.length === 1 && only) {
      await this.#refuse([only.prepared], CheckFailed({ service: this.service.ref.service, output }))
      return []
    }
    const middle = Math.ceil(candidates.length / 2)
    const first = await this.#pass(candidates.slice(0, middle))
    return [...first, ...(await this.#pass(candidates.slice(middle)))]
  }

  /** Everything from the intent to the outcome. Null when all members are settled. */
  async #commit(
    rendered: readonly Rendered[],
    revision: string,
    timings: Record<string, number>,
  ): Promise<Failure | null> {
    const mark = await this.#mark(revision)
    const contents = [...rendered.flatMap(each => each.contents), ...(mark ? [mark.content] : [])]
    const open: OpenBatch = {
      batch: revision,
      service: this.service.ref,
      at: this.#now(),
      members: rendered.map(({ prepared: { member }, records }) => ({
        ...recordOf(member, records, { state: 'applying', batch: rendered.length, timings: {} }, this.#now()),
      })),
      files: [...rendered.flatMap(each => each.records), ...(mark ? [mark.record] : [])],
      directories: [...new Set(rendered.flatMap(each => each.prepared.missing))].sort((a, b) => a.length - b.length),
    }
    const wanted = this.#wanted(rendered.map(each => each.prepared))
    let touched = false
    let begun = false
    try {
      await this.#reloading.remember()
      await timed(timings, 'write', async () => {
        const { blobs } = this.store
        await blobs.put(contentsBefore(rendered, mark?.before), true).catch(stored)
        await blobs
          .put(
            contents.flatMap(({ bytes }) => bytes ?? []),
            false,
          )
          .catch(stored)
        await this.store.ledger.begin(open)
        begun = true
        this.#step('opened')
        this.store.installer.makeDirectories(open.directories)
        await this.store.installer.stage(contents, open.batch)
        this.#step('written')
        this.store.installer.swap(contents, open.batch, () => this.#step('renaming'))
        this.#step('renamed')
      })
      touched = true
      await timed(timings, 'reload', () =>
        this.#reloading.bring(
          wanted,
          rendered.map(each => each.prepared.member.compiled),
        ),
      )
      this.#step('reloaded')
      await timed(timings, 'probe', () =>
        this.#reloading.probe(
          wanted,
          rendered.map(each => each.prepared.member.compiled),
          mark && revision,
        ),
      )
    } catch (error) {
      if (!begun) return { problem: error as Error, systemic: true }
      return this.#takeBack(open, error as Error, touched, mark?.file)
    }
    const failed =
      wanted === 'stopped'
        ? new Map<Rendered, NameFailure>()
        : await timed(timings, 'probe', () => this.#names(rendered, revision))
    this.#step('probed')
    if (!failed.size) {
      await this.#close(open, rendered, revision, timings)
      return null
    }
    return this.#withoutFailed(open, rendered, failed, revision, timings, mark?.file)
  }

  /** Takes members whose names do not answer out of a batch that otherwise works, with one more reload. */
  async #withoutFailed(
    open: OpenBatch,
    rendered: readonly Rendered[],
    failed: ReadonlyMap<Rendered, NameFailure>,
    revision: string,
    timings: Record<string, number>,
    mark: CompiledFile | undefined,
  ): Promise<Failure | null> {
    const bad = [...failed.keys()]
    const good = rendered.filter(each => !failed.has(each))
    const blame = (each: Rendered) =>
      ProbeFailed({ service: this.service.ref.service, ...(failed.get(each) as NameFailure) })
    if (good.length) {
      try {
        await this.store.installer.restore(
          bad.flatMap(each => each.records),
          { batch: open.batch, directories: [] },
        )
        this.#check.sync([
          ...this.store.ledger.applied.keys(),
          ...good.flatMap(each => each.contents.flatMap(({ path, bytes }) => (bytes ? path : []))),
        ])
        const output = await this.#check.run()
        if (output !== null) throw CheckFailed({ service: this.service.ref.service, output })
        await this.#remark(
          mark,
          good.map(each => each.prepared),
        )
        await this.#close(open, good, revision, timings)
        for (const each of bad) await this.#refuse([each.prepared], blame(each))
        return null
      } catch {
        // The rest does not stand without them: everything goes back, and the good ones are tried again alone.
      }
    }
    const problem = blame(bad[0] as Rendered)
    const { systemic } = await this.#takeBack(open, problem, true, mark)
    for (const each of bad) await this.#refuse([each.prepared], blame(each))
    if (systemic)
      await this.#refuse(
        good.map(each => each.prepared),
        problem,
      )
    else await this.#attempt(good.map(each => each.prepared))
    return null
  }

  /**
   * Restores every file of the batch and shows, by a reload that must answer a revision of its own, that the service is
   * back. When it is not, the fault is the service's and no member is to blame.
   */
  async #takeBack(open: OpenBatch, problem: Error, touched: boolean, mark: CompiledFile | undefined): Promise<Failure> {
    await this.store.installer.restore(open.files, open)
    this.#step('restored')
    let systemic = WriteFailed.is(problem)
    if (touched) {
      try {
        await this.#remark(mark, [])
      } catch {
        systemic = true
        await this.store.installer.restore(
          open.files.filter(({ file }) => file === ''),
          { batch: open.batch, directories: [] },
        )
      }
    }
    await this.store.ledger
      .close(open.batch, { changes: [], applied: [], gone: [] })
      .catch(error => this.#warn(`batch ${open.batch} is restored but could not be closed: ${error.message}`))
    this.store.installer.forget(open.files, open.batch)
    return { problem, systemic }
  }

  /** Writes a fresh revision, brings the service to the state that its files ask for, and waits for the revision. */
  async #remark(mark: CompiledFile | undefined, members: readonly Prepared[]): Promise<void> {
    const revision = randomBytes(8).toString('hex')
    const bytes = mark?.render(revision)
    const before = this.#reloading.wasActive
    if (!before && !members.length) return this.#reloading.stopIfRunning()
    if (mark && bytes && (before || members.length)) await this.store.installer.replace({ ...mark, bytes }, revision)
    const compiled = members.map(each => each.member.compiled)
    await this.#reloading.bring('running', compiled)
    await this.#reloading.probe('running', compiled, mark && revision)
  }

  async #names(rendered: readonly Rendered[], revision: string): Promise<Map<Rendered, NameFailure>> {
    const questions = rendered.flatMap(each => {
      const { names, listeners, rule } = each.prepared.member.compiled
      const path = rule.probe?.kind === 'http' ? rule.probe.namePath : undefined
      return path === undefined ? [] : names.map(name => ({ name, listeners, path, expected: revision, each }))
    })
    if (!questions.length) return new Map()
    const wrong = await probeNames(
      this.deps.host,
      questions,
      Math.min(nameTimeoutMs, this.deps.probeTimeoutMs ?? nameTimeoutMs),
    )
    return new Map(
      questions.flatMap(({ each, name }) => (wrong.has(name) ? [[each, wrong.get(name) as NameFailure] as const] : [])),
    )
  }

  /** The outcome is durable before anybody is told. */
  async #close(
    open: OpenBatch,
    good: readonly Rendered[],
    revision: string,
    timings: Readonly<Record<string, number>>,
  ): Promise<void> {
    const settled = good.map(({ prepared: { member }, records }) => ({
      member,
      record: this.#record(member, records, { batch: good.length, timings, revision }),
    }))
    const applied = good.flatMap(({ contents, records, prepared }) =>
      contents.flatMap(({ bytes }, index) =>
        bytes ? [this.#applied(prepared.member, records[index] as FileRecord, revision)] : [],
      ),
    )
    const gone = good.flatMap(({ contents }) => contents.flatMap(({ path, bytes }) => (bytes ? [] : [path])))
    const { directories: made } = open
    await this.store.ledger.close(open.batch, { changes: withReverted(settled), applied, gone, made })
    this.#step('closed')
    this.store.installer.forget(open.files, open.batch)
    const standing = new Set(applied.map(({ path }) => path))
    const removed = open.files.filter(({ file, path }) => file !== '' && !standing.has(path))
    await removeEmpty(
      this.store,
      removed.map(({ path }) => path),
    )
    for (const { member, record } of settled) member.settle(record)
  }

  async #finish(settled: readonly { member: Member; record: ChangeRecord }[]): Promise<void> {
    await this.store.ledger.note({ changes: withReverted(settled) })
    for (const { member, record } of settled) member.settle(record)
  }

  #applied(member: Member, record: FileRecord, revision: string): AppliedFile {
    const { compiled, revisions } = member
    const secret = compiled.files.find(({ path }) => path === record.path)?.secret
    return {
      path: record.path,
      plugin: compiled.plugin,
      file: record.file,
      service: compiled.service.ref,
      sha: record.after as string,
      ...(revisions ? revisions.has(record.path) && { revision: revisions.get(record.path) as string } : { revision }),
      ...(secret && { secret: true as const }),
    }
  }

  #record(
    member: Member,
    records: readonly FileRecord[],
    outcome: Pick<ChangeRecord, 'batch' | 'timings'> & { revision?: string | undefined },
  ): ChangeRecord {
    const { revision, ...rest } = outcome
    const deadline =
      member.deadline === undefined
        ? undefined
        : new Date(this.#clock().getTime() + member.deadline * 1000).toISOString()
    const state = deadline === undefined ? 'applied' : 'awaiting_confirmation'
    return recordOf(
      member,
      records,
      { state, ...rest, ...(revision !== undefined && { revision }), ...(deadline !== undefined && { deadline }) },
      this.#now(),
    )
  }

  /** Settles members as failed; the record is kept when the disk takes it. */
  async #refuse(prepared: readonly Pick<Prepared, 'member'>[], problem: Error): Promise<void> {
    const settled = prepared.map(({ member }) => ({
      member,
      record: recordOf(member, [], { state: 'failed', batch: 0, timings: {} }, this.#now(), problem),
    }))
    if (!(problem instanceof Problem)) this.#warn(problem.stack ?? problem.message)
    await this.store.ledger.note({ changes: settled.map(({ record }) => record) }).catch(() => {})
    for (const { member, record } of settled) member.settle(record, problem)
  }

  async #settling<T>(member: Member, run: () => Promise<T>): Promise<T | null> {
    try {
      return await run()
    } catch (error) {
      await this.#refuse([{ member }], error as Error)
      return null
    }
  }

  async #mark(
    revision: string,
  ): Promise<
    | { file: CompiledFile; content: Rendered['contents'][number]; record: FileRecord; before: Buffer | undefined }
    | undefined
  > {
    const file = revisionFile(this.deps.host, this.service)
    if (!file) return undefined
    const disk = await readDisk(file.path)
    const { content, record } = renderFile({ compiled: file, disk, applied: undefined }, revision)
    return { file, content, record, before: disk?.bytes }
  }

  #wanted(prepared: readonly Prepared[]): 'running' | 'stopped' {
    const follows = prepared.every(({ member }) => member.compiled.rule.ensure === 'follow')
    const files = prepared.flatMap(({ member }) => member.compiled.files)
    return follows && !remains({ files, service: this.service }, this.store.ledger) ? 'stopped' : 'running'
  }

  #clock(): Date {
    return this.deps.now?.() ?? new Date()
  }

  #now(): string {
    return this.#clock().toISOString()
  }

  #step(step: Step): void {
    this.deps.onStep?.(step)
  }

  #warn(message: string): void {
    if (this.deps.warn) this.deps.warn(message)
    else process.stderr.write(`${message}\n`)
  }
}

function renderFile({ compiled, disk, applied }: Prepared['files'][number], revision: string) {
  const bytes = compiled.render(revision)
  const { file, path, mode, uid, gid } = compiled
  const before = disk && { mode: disk.mode, uid: disk.uid, gid: disk.gid }
  return {
    content: { path, bytes, mode, uid, gid },
    record: {
      file,
      path,
      before: disk?.sha ?? null,
      ...before,
      after: bytes && sha256(bytes),
      ...(applied?.revision !== undefined && { revisionBefore: applied.revision }),
    },
  }
}

function render(prepared: Prepared, revision: string): Rendered {
  const files = prepared.files.map(file => renderFile(file, revision))
  return { prepared, contents: files.map(({ content }) => content), records: files.map(({ record }) => record) }
}

function contentsBefore(rendered: readonly Rendered[], mark: Buffer | undefined): Buffer[] {
  const files = rendered.flatMap(({ prepared }) => prepared.files.flatMap(({ disk }) => disk?.bytes ?? []))
  return mark ? [...files, mark] : files
}

/** The records of changes that members take back, besides their own. */
function withReverted(settled: readonly { member: Member; record: ChangeRecord }[]): ChangeRecord[] {
  return settled.flatMap(({ member, record }) => {
    if (!member.reverts) return [record]
    const { deadline: _, ...rest } = member.reverts
    return [{ ...rest, state: 'reverted' as const }, record]
  })
}

/** Errors of the file system in words for a person; problems as they are. */
function inWords(error: unknown): Error {
  const { path, code } = error as NodeJS.ErrnoException
  if (error instanceof Problem || code === undefined) return error as Error
  return writeFailed(path ?? 'the staged configuration', error)
}

function stored(error: NodeJS.ErrnoException): never {
  throw WriteFailed({ path: 'the stored contents of changes', cause: error.code ?? error.message }, { cause: error })
}

async function timed<T>(timings: Record<string, number>, name: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await run()
  } finally {
    timings[name] = Math.round(((timings[name] ?? 0) + performance.now() - began) * 10) / 10
  }
}
