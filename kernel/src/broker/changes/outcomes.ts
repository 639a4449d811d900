import { Problem } from '../errors.js'
import type { ChangeDeps } from './deps.js'
import { removeEmpty } from './empty-directories.js'
import { type Member, type Prepared, type Rendered, recordOf } from './member.js'
import type { AppliedFile, ChangeRecord, FileRecord, OpenBatch } from './records.js'
import type { ChangeStore } from './store.js'

interface Settled {
  readonly member: Member
  readonly record: ChangeRecord
}

type Facts = Pick<ChangeRecord, 'batch' | 'timings'> & { readonly revision?: string | undefined }

/** What became of the members of a batch: durable before anybody is told. */
export class Outcomes {
  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
  ) {}

  /** The members as they are while the batch is open. */
  opening(rendered: readonly Rendered[]): readonly ChangeRecord[] {
    const at = this.deps.now().toISOString()
    return rendered.map(({ prepared, records }) =>
      recordOf(prepared.member, records, { state: 'applying', batch: rendered.length, timings: {} }, at),
    )
  }

  /** Closes a batch of which these members are in force; what belonged to others was restored before. */
  async applied(
    open: OpenBatch,
    good: readonly Rendered[],
    revision: string,
    timings: Readonly<Record<string, number>>,
    closed: () => void,
  ): Promise<void> {
    const { ledger, installer } = this.store
    const settled = good.map(({ prepared: { member }, records }) => ({
      member,
      record: this.#record(member, records, { batch: good.length, timings, revision }),
    }))
    const applied: AppliedFile[] = []
    const gone: string[] = []
    for (const { contents, records, prepared } of good)
      for (const [index, { path, bytes }] of contents.entries())
        if (bytes) applied.push(this.#applied(prepared.member, records[index] as FileRecord, revision))
        else gone.push(path)
    await ledger.close(open.batch, { changes: withReverted(settled), applied, gone, made: open.directories })
    closed()
    installer.forget(open.files, open.batch)
    const standing = new Set(applied.map(({ path }) => path))
    const removed = open.files.filter(({ file, path }) => file !== '' && !standing.has(path))
    await removeEmpty(
      this.store,
      removed.map(({ path }) => path),
    )
    for (const { member, record } of settled) member.settle(record)
  }

  /** Everything is in place and running: applied, without a reload. */
  async unchanged({ member, files }: Prepared): Promise<void> {
    const records = files.map(({ compiled, disk }) => ({
      file: compiled.file,
      path: compiled.path,
      before: disk?.sha ?? null,
      after: disk?.sha ?? null,
    }))
    const revision = files.find(({ applied }) => applied?.revision)?.applied?.revision
    const record = this.#record(member, records, { batch: 0, timings: {}, revision })
    await this.store.ledger.note({ changes: withReverted([{ member, record }]) })
    member.settle(record)
  }

  /** Nothing of these members is in force; the record is kept when the disk takes it. */
  async refuse(members: readonly Member[], problem: Error): Promise<void> {
    const at = this.deps.now().toISOString()
    const settled = members.map(member => ({
      member,
      record: recordOf(member, [], { state: 'failed', batch: 0, timings: {} }, at, problem),
    }))
    if (!(problem instanceof Problem)) this.deps.warn(problem.stack ?? problem.message)
    await this.store.ledger.note({ changes: settled.map(({ record }) => record) }).catch(() => {})
    for (const { member, record } of settled) member.settle(record, problem)
  }

  #applied({ compiled, revisions }: Member, record: FileRecord, revision: string): AppliedFile {
    const file = compiled.files.find(({ path }) => path === record.path)
    const { own } = this.deps.host
    const stands = revisions ? revisions.get(record.path) : revision
    return {
      path: record.path,
      plugin: compiled.plugin,
      file: record.file,
      service: compiled.service.ref,
      sha: record.after as string,
      ...(stands !== undefined && { revision: stands }),
      ...(file?.secret && { secret: true as const }),
      ...(file?.link && { link: true as const }),
      ...(file && (file.uid !== own.uid || file.gid !== own.gid) && { owner: { uid: file.uid, gid: file.gid } }),
    }
  }

  #record(member: Member, records: readonly FileRecord[], { revision, ...facts }: Facts): ChangeRecord {
    const now = this.deps.now()
    const deadline =
      member.deadline === undefined ? undefined : new Date(now.getTime() + member.deadline * 1000).toISOString()
    const state = deadline === undefined ? 'applied' : 'awaiting_confirmation'
    return recordOf(
      member,
      records,
      { state, ...facts, ...(revision !== undefined && { revision }), ...(deadline !== undefined && { deadline }) },
      now.toISOString(),
    )
  }
}

/** The records of changes that members take back, besides their own. */
function withReverted(settled: readonly Settled[]): ChangeRecord[] {
  return settled.flatMap(({ member, record }) => {
    if (!member.reverts) return [record]
    const { deadline: _, ...rest } = member.reverts
    return [{ ...rest, state: 'reverted' as const }, record]
  })
}
