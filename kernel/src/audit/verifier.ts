import type { Message } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditThread } from './audit-thread.js'
import type { Checkpoint } from './checkpoint.js'
import { Checkpoints } from './checkpoints.js'
import { type AuditProblem, Findings } from './findings.js'
import { Witnesses } from './witness.js'

export interface AuditReport {
  readonly ok: boolean
  /** Checked, of sealed segments and of the table. */
  readonly entries: number
  /** Sealed segments. */
  readonly segments: number
  /** End of the log; null when it is empty. */
  readonly head: { readonly seq: number; readonly hash: string; readonly root: string } | null
  /** Checkpoints compared, of the store, of the file and given. */
  readonly checkpoints: number
  /** The first 100. */
  readonly problems: readonly AuditProblem[]
  /** What this verification cannot show, as keys of the catalogue with their values. */
  readonly limits: readonly Message[]
}

/** The whole log against everything that was signed, and against the broker's own journal. */
@scoped(Lifecycle.ContainerScoped)
export class AuditVerifier {
  constructor(
    private readonly thread: AuditThread,
    private readonly checkpoints: Checkpoints,
    private readonly witnesses: Witnesses,
  ) {}

  /** @param given a checkpoint that was kept elsewhere */
  async verify(given?: Checkpoint): Promise<AuditReport> {
    // Read before the store is, so that it is not newer.
    const kept = await this.checkpoints.kept()
    const { head, checkpoints, problems, ...counts } = await this.thread.verify(kept, given ?? null)
    const findings = new Findings(problems)
    const witnessed = await this.#witness(findings, checkpoints)
    return {
      ok: findings.problems.length === 0,
      ...counts,
      head,
      checkpoints: checkpoints.length,
      problems: findings.problems,
      limits: limits(checkpoints, given, head?.seq ?? 0, witnessed),
    }
  }

  /** False when there is no witness or it does not answer. */
  async #witness(findings: Findings, known: readonly Checkpoint[]): Promise<boolean> {
    const noted = known.toSorted((a, b) => a.seq - b.seq).findLast(checkpoint => checkpoint.broker)?.broker
    const report = await this.witnesses.current?.verify(noted).catch(() => undefined)
    if (!report) return false
    for (const problem of report.problems) findings.add(problem.seq, 'broker')
    if (!report.ok && report.problems.length === 0) findings.add(report.head.seq, 'broker')
    if (noted && report.head.seq < noted.seq) findings.add(report.head.seq + 1, 'broker')
    if (noted && report.head.publicKey !== noted.publicKey) findings.add(noted.seq, 'broker')
    return true
  }
}

function limits(
  known: readonly Checkpoint[],
  given: Checkpoint | undefined,
  seq: number,
  witnessed: boolean,
): Message[] {
  const newest = Math.max(0, ...known.map(checkpoint => checkpoint.seq))
  const found: Message[] = []
  if (seq > newest) found.push({ code: 'audit.limit.unsigned_tail', params: { from: newest + 1, to: seq } })
  if (!given) found.push({ code: 'audit.limit.no_outside_checkpoint' })
  else if (seq > given.seq) found.push({ code: 'audit.limit.outside_until', params: { seq: given.seq } })
  if (!witnessed) found.push({ code: 'audit.limit.no_broker' })
  found.push({ code: 'audit.limit.panel_taken_over' }, { code: 'audit.limit.never_recorded' })
  return found
}
