import { randomBytes } from 'node:crypto'
import { Drift, Problem } from '../errors.js'
import type { ResolvedService } from '../services.js'
import { Batch, type Try, type Workshop } from './batch.js'
import { revisionFile } from './compile.js'
import type { ChangeDeps, Step } from './deps.js'
import { diskVersion, readDisk, writeFailed } from './disk.js'
import type { Member, Prepared, Rendered } from './member.js'
import { Outcomes } from './outcomes.js'
import { refuseForeign } from './port-holders.js'
import { Preparation } from './preparation.js'
import { ownPaths, serviceKey } from './records.js'
import { Reloading } from './reloading.js'
import { render } from './rendering.js'
import { sieve } from './sieve.js'
import { StagedCheck } from './staged-check.js'
import type { ChangeStore } from './store.js'
import { timed } from './timed.js'
import { wantedOf } from './wanted.js'

/**
 * Applies batches to one service instance, one after the other: check the whole staged configuration, record the
 * intent, rename into place, reload once, probe, record the outcome. Whatever fails is taken back whole and tried again
 * by halves, so that a bad change costs the good ones nothing but time.
 */
export class Transaction {
  readonly #check: StagedCheck
  readonly #outcomes: Outcomes
  readonly #preparation: Preparation
  readonly #workshop: Workshop

  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
    private readonly service: ResolvedService,
  ) {
    const check = new StagedCheck(service, deps.host, store.stages)
    const outcomes = new Outcomes(deps, store)
    this.#check = check
    this.#outcomes = outcomes
    this.#preparation = new Preparation(deps, store, service, outcomes)
    this.#workshop = { deps, store, service, check, outcomes, reloading: new Reloading(deps, service) }
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
    let accepted: readonly Rendered[]
    let current: Try
    try {
      const wanted = await wantedOf(membersOf(prepared), this.service, this.store.ledger, this.deps.services)
      if (wanted === 'running') await this.#refuseForeign(prepared)
      current = { revision: randomBytes(8).toString('hex'), wanted, timings: {} }
      accepted = await timed(current.timings, 'check', () => this.#checked(prepared, current))
    } catch (error) {
      return this.#outcomes.refuse(membersOf(prepared), inWords(error))
    }
    this.#step('checked')
    const steady = await this.#unedited(accepted)
    if (!steady.length) return
    const failure = await new Batch(this.#workshop, steady, current).run()
    if (!failure) return
    const { problem, systemic, blamed } = failure
    for (const [each, error] of blamed) await this.#outcomes.refuse([each.prepared.member], error)
    const left = steady.filter(each => !blamed.has(each)).map(each => each.prepared)
    if (systemic || (left.length === 1 && !blamed.size)) return this.#outcomes.refuse(membersOf(left), problem)
    if (blamed.size) return this.#attempt(left)
    const middle = Math.ceil(left.length / 2)
    await this.#attempt(left.slice(0, middle))
    await this.#attempt(left.slice(middle))
  }

  /** @throws listener_taken */
  #refuseForeign(prepared: readonly Prepared[]): Promise<void> {
    const { host, services } = this.deps
    const names = prepared.flatMap(({ member }) => member.compiled.listeners)
    return refuseForeign(host, names, () => services.pids(this.service.ref))
  }

  /** The members that pass the check of the staged configuration; the others are settled with what it said of them. */
  async #checked(prepared: readonly Prepared[], { revision, wanted }: Try): Promise<readonly Rendered[]> {
    const rendered = prepared.map(each => render(each, revision))
    // A service that does not run afterwards needs no configuration that it could start with.
    if (wanted !== 'running') return rendered
    this.#check.sync(ownPaths(this.store.ledger.applied, this.service.ref))
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
      const edited = await editedFile(rendered.prepared)
      if (edited === undefined) steady.push(rendered)
      else await this.#outcomes.refuse([rendered.prepared.member], Drift({ path: edited }))
    }
    return steady
  }

  #step(step: Step): void {
    this.deps.onStep?.(step)
  }
}

const membersOf = (prepared: readonly Prepared[]) => prepared.map(({ member }) => member)

async function editedFile({ files }: Prepared): Promise<string | undefined> {
  for (const { compiled, disk } of files) {
    if (diskVersion(compiled.path) === (disk?.version ?? null)) continue
    // Hard links change a file's version without changing the file.
    const now = await readDisk(compiled.path, { links: compiled.mayBeLink ?? false })
    if ((now?.sha ?? null) !== (disk?.sha ?? null)) return compiled.path
  }
  return undefined
}

/** Errors of the file system in words for a person; problems as they are. */
function inWords(error: unknown): Error {
  const { path, code } = error as NodeJS.ErrnoException
  if (error instanceof Problem || code === undefined) return error as Error
  return writeFailed(path ?? 'the staged configuration', error)
}
