import type { AuditHead, JournalEntry } from '../protocol.js'
import { genesis, seal } from './entry.js'
import { MerkleTree } from './merkle.js'

/** Where the chain stands: its last entry, and the tree over all of them. */
export interface Position {
  readonly seq: number
  readonly hash: string
  readonly tree: MerkleTree
}

/** An entry before it has a place in the chain. */
export type Draft = Pick<JournalEntry, 'kind' | 'method'> &
  Partial<Pick<JournalEntry, 'origin' | 'params' | 'of' | 'outcome'>>

export interface Sealed {
  readonly position: Position
  /** Of each draft, in order. */
  readonly seqs: readonly number[]
  readonly bytes: Buffer
  /** The newest head that was signed on the way. */
  readonly checkpoint: AuditHead | undefined
}

export function beginning(): Position {
  return { seq: 0, hash: genesis, tree: new MerkleTree() }
}

/**
 * Chains entries behind a position, which stays as it is. A checkpoint holds the signed head of what stands before it.
 *
 * @param at ISO 8601, of all of them
 */
export function sealAll(
  from: Position,
  drafts: readonly Draft[],
  at: string,
  sign: (position: Position) => AuditHead,
): Sealed {
  const tree = from.tree.copy()
  let { seq, hash } = from
  let checkpoint: AuditHead | undefined
  const seqs: number[] = []
  const lines = drafts.map(draft => {
    if (draft.kind === 'checkpoint') checkpoint = sign({ seq, hash, tree })
    const params = draft.kind === 'checkpoint' ? { params: checkpoint } : {}
    const entry = seal({ seq: ++seq, at, ...draft, ...params, previous: hash })
    hash = entry.hash
    tree.append(hash)
    seqs.push(seq)
    return entry.line
  })
  return { position: { seq, hash, tree }, seqs, bytes: Buffer.from(lines.join('')), checkpoint }
}
