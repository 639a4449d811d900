import type { AuditHead } from '../protocol.js'
import { genesis, unseal } from './entry.js'
import { headIsSigned } from './key.js'
import { MerkleTree } from './merkle.js'
import { lines, segments } from './segments.js'

export interface VerifyReport {
  readonly ok: boolean
  readonly entries: number
  readonly problems: readonly { readonly seq: number; readonly problem: string }[]
  readonly head: AuditHead
  /** What this verification cannot see, in plain words. */
  readonly limits: readonly string[]
}

interface Input {
  readonly directory: string
  readonly head: AuditHead
  readonly publicKey: string
  /** The head kept beside the journal. */
  readonly beside: AuditHead | undefined
  /** A head that somebody kept elsewhere. */
  readonly checkpoint: AuditHead | undefined
}

const maxProblems = 100

/**
 * Reads the whole journal up to the head: every entry's hash, the chain, the numbering, every checkpoint's root and
 * signature, and that the journal holds what the kept heads speak of.
 */
export async function verifyJournal({ directory, head, publicKey, beside, checkpoint }: Input): Promise<VerifyReport> {
  const problems: { seq: number; problem: string }[] = []
  const blame = (seq: number, problem: string) => {
    if (problems.length < maxProblems) problems.push({ seq, problem })
  }
  const awaited = new Map<number, { name: string; head: AuditHead }[]>()
  const expect = (name: string, kept: AuditHead | undefined) => {
    if (!kept) return
    if (!headIsSigned(kept, kept.signature, kept.publicKey)) blame(kept.seq, `${name}: its signature is not valid`)
    if (kept.publicKey !== publicKey) blame(kept.seq, `${name}: was signed by another key`)
    awaited.set(kept.seq, [...(awaited.get(kept.seq) ?? []), { name, head: kept }])
  }
  expect('head kept beside the journal', beside)
  expect('checkpoint kept elsewhere', checkpoint)

  const tree = new MerkleTree()
  let previous = genesis
  let seq = 0
  const compare = () => {
    for (const { name, head: kept } of awaited.get(seq) ?? []) {
      if (kept.hash !== previous || kept.root !== tree.root()) blame(seq, `${name}: the journal has other entries`)
    }
    awaited.delete(seq)
  }
  compare()
  read: for (const { file, firstSeq } of segments(directory)) {
    if (firstSeq > head.seq) break
    if (firstSeq !== seq + 1) blame(seq + 1, `segment ${firstSeq} begins where entry ${seq + 1} should`)
    for await (const { line, complete } of lines(file)) {
      if (seq >= head.seq) break read
      const entry = complete ? unseal(line) : undefined
      if (!entry) {
        blame(seq + 1, complete ? 'the line is damaged or was edited' : 'the line is torn')
        if (!complete) break
        seq++
        previous = ''
        continue
      }
      if (entry.seq !== seq + 1)
        blame(entry.seq, `stands where entry ${seq + 1} should: inserted, removed or reordered`)
      if (previous !== '' && entry.previous !== previous) blame(entry.seq, 'does not follow the entry before it')
      if (entry.kind === 'checkpoint') checkCheckpoint(entry.seq, entry.params, tree, publicKey, blame)
      tree.append(entry.hash)
      previous = entry.hash
      seq = entry.seq
      compare()
    }
  }
  if (seq !== head.seq || previous !== head.hash || tree.root() !== head.root)
    blame(seq, 'the entries on disk are not those that were written')
  for (const [missing, kept] of awaited)
    for (const { name } of kept) blame(missing, `${name}: entry ${missing} is missing, the tail was cut off`)
  return { ok: problems.length === 0, entries: tree.size, problems, head, limits: limits(beside, checkpoint) }
}

function checkCheckpoint(
  seq: number,
  params: unknown,
  tree: MerkleTree,
  publicKey: string,
  blame: (seq: number, problem: string) => void,
): void {
  const head = params as AuditHead
  if (head?.publicKey !== publicKey) blame(seq, 'the checkpoint was signed by another key')
  else if (!headIsSigned(head, head.signature, publicKey)) blame(seq, 'the signature of the checkpoint is not valid')
  else if (head.seq !== tree.size || head.root !== tree.root()) blame(seq, 'the checkpoint speaks of other entries')
}

function limits(beside: AuditHead | undefined, checkpoint: AuditHead | undefined): readonly string[] {
  return [
    checkpoint
      ? `Entries after ${checkpoint.seq} are protected by the key on this machine alone.`
      : 'No checkpoint kept elsewhere was given: somebody with root and the signing key could have rewritten everything.',
    beside
      ? `Entries after ${beside.seq} could be cut off without a trace by root while the broker is stopped.`
      : 'No checkpoint has been written yet: the tail could be cut off without a trace by root.',
  ]
}
