import { ChangeConflict, ChangeUnconfirmed, Drift, PlanOutdated } from '../errors.js'
import type { ResolvedService } from '../services.js'
import type { ChangeDeps } from './deps.js'
import { guardPath } from './disk.js'
import { type Inspection, inspect } from './inspection.js'
import type { Member, Prepared } from './member.js'
import type { Outcomes } from './outcomes.js'
import { parallel } from './parallel.js'
import type { ChangeStore } from './store.js'
import { wantedOf } from './wanted.js'

const atOnce = 16

/** The first step of a batch: each member's files are read, compared and guarded; nothing is written. */
export class Preparation {
  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
    private readonly service: ResolvedService,
    private readonly outcomes: Outcomes,
  ) {}

  /** Members that have something to apply; the others are settled. */
  async run(members: readonly Member[]): Promise<readonly Prepared[]> {
    const ready: (Prepared | null)[] = []
    await parallel(members, atOnce, async (member, index) => {
      try {
        ready[index] = await this.#prepare(member)
      } catch (error) {
        ready[index] = null
        await this.outcomes.refuse([member], error as Error)
      }
    })
    return ready.filter(each => each !== null)
  }

  async #prepare(member: Member): Promise<Prepared | null> {
    this.#refuseUnconfirmed(member)
    const inspection = await inspect(member.compiled, this.store.ledger)
    refuseOutdated(member, inspection)
    const roots = Object.values(this.deps.host.roots)
    const missing = inspection.files.flatMap(({ compiled, wanted }) => (wanted ? guardPath(compiled.path, roots) : []))
    const prepared = { member, files: inspection.files, missing }
    if (!isInPlace(inspection) || !(await this.#serviceIsAsWanted(member))) return prepared
    await this.outcomes.unchanged(prepared)
    return null
  }

  /** What came on top of an unconfirmed change would stand in the way of its reversal. */
  #refuseUnconfirmed({ baseline, compiled, changeId }: Member): void {
    if (baseline) return
    for (const waiting of this.store.ledger.awaiting.values())
      for (const { path } of waiting.files)
        if (waiting.changeId !== changeId && compiled.files.some(file => file.path === path))
          throw ChangeUnconfirmed({ path, changeId: waiting.changeId })
  }

  async #serviceIsAsWanted(member: Member): Promise<boolean> {
    const { services } = this.deps
    const wanted = await wantedOf([member], this.service, this.store.ledger, services)
    return wanted === 'untouched' || (await services.status(this.service.ref)).active === (wanted === 'running')
  }
}

/** @throws change_conflict, plan_outdated, drift */
function refuseOutdated({ compiled, expectHash, baseline }: Member, inspection: Inspection): void {
  for (const { compiled: file, disk } of inspection.files)
    if (baseline && (baseline.get(file.path) ?? null) !== (disk?.sha ?? null)) throw ChangeConflict({ path: file.path })
  if (expectHash !== undefined && expectHash !== inspection.hash) throw PlanOutdated()
  const drifted = inspection.files.find(file => file.drifted)
  if (drifted && compiled.onDrift === 'refuse' && !baseline) throw Drift({ path: drifted.compiled.path })
}

function isInPlace({ files }: Inspection): boolean {
  return files.every(
    ({ action, applied, disk, compiled }) =>
      action === 'none' && applied?.sha === disk?.sha && (!disk || disk.mode === compiled.mode),
  )
}
