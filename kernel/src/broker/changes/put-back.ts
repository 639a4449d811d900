import type { FileRule } from '@nusantara/sdk'
import { ChangeExpired } from '../errors.js'
import { type CompiledChange, type CompiledFile, canonical } from './compile.js'
import type { ChangeDeps } from './deps.js'
import type { DiskFile } from './disk.js'
import type { Draft } from './member.js'
import type { AppliedFile, ChangeRecord, FileRecord } from './records.js'
import type { ChangeStore } from './store.js'

type Origin = Pick<ChangeRecord, 'changeId' | 'attempt' | 'change' | 'service' | 'plugin' | 'files'>

/** Makes the changes that put recorded contents back where they were, when what replaced them still stands there. */
export class PutBack {
  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
  ) {}

  /** What takes a change back. @throws change_expired */
  async reversal(original: ChangeRecord, revertId: string, attempt: number): Promise<Draft> {
    const { change, service, plugin, files } = original
    const draft = await this.#draft({ changeId: revertId, attempt, change, service, plugin, files })
    return { ...draft, reverts: original }
  }

  /** What puts the last applied bytes over an edit by hand. @throws change_expired */
  discard(changeId: string, applied: AppliedFile, disk: DiskFile | null): Promise<Draft> {
    // Owner and mode are the rule's again, whatever the edit made of them.
    const { file, path, sha, service, plugin, revision, owner, link } = applied
    const record: FileRecord = {
      file,
      path,
      before: sha,
      after: disk?.sha ?? null,
      ...owner,
      ...(link && { mayBeLink: link, linkBefore: link }),
      ...(revision !== undefined && { revisionBefore: revision }),
    }
    return this.#draft({ changeId, attempt: 1, change: 'drift.discard', service, plugin, files: [record] })
  }

  async #draft(from: Origin): Promise<Draft> {
    const { changeId, attempt, change, plugin, files } = from
    const policy = this.deps.policy.current(plugin)
    const contents = await this.#contents(changeId, files)
    const { changes = {} } = policy.privileges
    const siblings = Object.values(changes).filter(other => other.service === from.service.service)
    const rule = policy.change(change) ?? {
      files: [],
      service: from.service.service,
      ensure: siblings[0]?.ensure ?? 'running',
    }
    const probe = rule.probe ?? siblings.find(other => other.probe)?.probe
    const service = this.deps.services.resolve(from.service)
    const compiled: CompiledChange = {
      plugin,
      policy: policy.digest,
      change,
      rule: { ...rule, ...(probe && probe.kind !== 'socket' && { probe }) },
      service,
      params: service.params,
      files: files.map(file => this.#file(file, contents.get(file.path) ?? null, policy.file(file.file))),
      names: [],
      secureNames: [],
      listeners: [],
      onDrift: 'discard',
      digest: canonical([changeId, change, files]),
    }
    const revisions = files.flatMap(({ path, revisionBefore }) =>
      revisionBefore === undefined ? [] : [[path, revisionBefore] as const],
    )
    return {
      changeId,
      attempt,
      compiled,
      baseline: new Map(files.map(({ path, after }) => [path, after])),
      revisions: new Map(revisions),
    }
  }

  async #contents(changeId: string, files: readonly FileRecord[]): Promise<ReadonlyMap<string, Buffer>> {
    const { blobs } = this.store
    if (files.some(({ before }) => before !== null && !blobs.has(before))) throw ChangeExpired({ changeId })
    const contents = new Map<string, Buffer>()
    for (const { path, before } of files) if (before !== null) contents.set(path, await blobs.get(before))
    return contents
  }

  #file(record: FileRecord, bytes: Buffer | null, rule: FileRule | undefined): CompiledFile {
    const { own } = this.deps.host
    const { file, path, mode = Number.parseInt(rule?.mode ?? '0644', 8), uid = own.uid, gid = own.gid } = record
    const secret = this.store.ledger.applied.get(path)?.secret ?? rule?.secret ?? false
    const link = record.linkBefore && bytes ? { link: true as const } : {}
    return { file, path, mode, uid, gid, secret, ...link, mayBeLink: record.mayBeLink ?? false, render: () => bytes }
  }
}
