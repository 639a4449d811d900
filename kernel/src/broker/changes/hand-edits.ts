import type { ChangeResult } from '@nusantara/sdk'
import { ParamInvalid } from '../errors.js'
import type { CompiledPolicy } from '../policy.js'
import type { Origin } from '../protocol.js'
import type { ChangeDeps } from './deps.js'
import { readDisk } from './disk.js'
import { type DriftedFile, findDrift } from './drift.js'
import type { Draft } from './member.js'
import type { PutBack } from './put-back.js'
import { type AppliedFile, ownChange } from './records.js'
import type { ChangeStore } from './store.js'

/** What was edited by hand: shown, made the truth, or overwritten with the last applied bytes. */
export class HandEdits {
  constructor(
    private readonly deps: ChangeDeps,
    private readonly store: ChangeStore,
    private readonly putBack: PutBack,
    private readonly apply: (origin: Origin, draft: Draft) => Promise<ChangeResult>,
  ) {}

  async find(policy: CompiledPolicy, path?: string): Promise<readonly DriftedFile[]> {
    const files = await findDrift(this.deps.host, policy, this.store.ledger, this.store.blobs)
    return path === undefined ? files : files.filter(file => file.path === path)
  }

  /** The bytes on the disk become the last applied. @throws param_invalid for files of others, journal_full */
  async adopt(origin: Origin, path: string): Promise<void> {
    const applied = this.#ofPlugin(origin.plugin, path)
    const { ledger, blobs } = this.store
    const disk = await readDisk(path, { links: applied.link ?? false })
    if (disk?.sha === applied.sha) return
    await this.deps.journal.around(
      'change.drift',
      origin,
      { path, action: 'adopt', sha256: disk?.sha ?? null },
      async () => {
        if (!disk) return ledger.note({ gone: [path] })
        const release = await blobs.put([disk.bytes])
        // A revision that the edit removed is not looked for any more.
        const { revision, link: _, ...rest } = applied
        const kept = revision !== undefined && disk.bytes.includes(revision)
        const adopted = { ...rest, sha: disk.sha, ...(disk.link && { link: disk.link }), ...(kept && { revision }) }
        await ledger.note({ applied: [adopted] }).finally(release)
      },
    )
  }

  /** The last applied bytes go back, through a change like any other. @throws what a change throws */
  async discard(origin: Origin, path: string): Promise<void> {
    const applied = this.#ofPlugin(origin.plugin, path)
    const disk = await readDisk(path, { links: applied.link ?? false })
    if (disk?.sha === applied.sha) return
    const changeId = `${ownChange}discard:${Date.now()}:${applied.sha.slice(0, 12)}`
    await this.apply(origin, await this.putBack.discard(changeId, applied, disk))
  }

  #ofPlugin(plugin: string, path: string): AppliedFile {
    const applied = this.store.ledger.applied.get(path)
    if (applied?.plugin !== plugin)
      throw ParamInvalid({ param: 'path', reason: 'is not a file that a change of this plugin wrote' })
    return applied
  }
}
