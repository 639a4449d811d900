/**
 * - `altered`: the text does not have the stored hash. `chain`: the entry does not continue the one before.
 * - `missing`: entries are absent from here. `columns`: a column contradicts the hashed text.
 * - `truncated`: the end is gone, by the head row or a checkpoint. `head`: the head row names another end.
 * - `checkpoint`: history differs from what was signed. `signature`: a checkpoint is not signed by the key it names, or
 *   one of the panel's own by another key. `key`: a checkpoint kept elsewhere is signed by another key than the panel's.
 * - `sealed`: an entry in the table differs from the one of its number that was sealed.
 * - `segment_missing`, `segment_truncated`, `segment_order`, `segment_edited`: the file of a sealed segment is absent, ends
 *   early, holds other entries or another order, differs in another way. `segment_signature`: the record of a segment is not
 *   signed by this panel's key.
 * - `broker`: the broker's journal is damaged or shorter than it was; `seq` counts its entries.
 */
export type AuditProblemKind =
  | 'altered'
  | 'chain'
  | 'missing'
  | 'columns'
  | 'truncated'
  | 'head'
  | 'checkpoint'
  | 'signature'
  | 'key'
  | 'sealed'
  | 'segment_missing'
  | 'segment_truncated'
  | 'segment_order'
  | 'segment_edited'
  | 'segment_signature'
  | 'broker'

export interface AuditProblem {
  readonly seq: number
  readonly problem: AuditProblemKind
  /** File of the sealed segment where it was found. */
  readonly segment?: string
}

const mostProblems = 100

/** The first hundred problems; a log that is damaged everywhere needs no longer list. */
export class Findings {
  readonly problems: AuditProblem[]

  constructor(problems: readonly AuditProblem[] = []) {
    this.problems = [...problems]
  }

  add(seq: number, problem: AuditProblemKind, segment?: string): void {
    if (this.problems.length < mostProblems) this.problems.push({ seq, problem, ...(segment && { segment }) })
  }
}
