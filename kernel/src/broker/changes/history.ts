import type { CompiledPolicy } from '../policy.js'
import type { Methods } from '../protocol.js'
import { diffOf } from './diff.js'
import { readDisk } from './disk.js'
import type { ChangeRecord, FileRecord } from './records.js'
import type { ChangeStore } from './store.js'

type Difference = NonNullable<NonNullable<Methods['change.describe']['result']>['files']>[number]

/** What a change did to each of its files; a diff is '' when the contents are not kept any more. */
export function differences(
  change: ChangeRecord,
  store: ChangeStore,
  policyOf: (plugin: string) => CompiledPolicy,
): Promise<Difference[]> {
  return Promise.all(change.files.map(file => difference(file, store, () => isSecret(change, file, store, policyOf))))
}

async function difference(
  { file, path, before, after, mayBeLink }: FileRecord,
  { blobs }: ChangeStore,
  secret: () => boolean,
): Promise<Difference> {
  const action = before === after ? 'none' : before === null ? 'create' : after === null ? 'delete' : 'modify'
  // What cannot be read is left to the attempt to take the change back.
  const sha = await readDisk(path, { links: mayBeLink ?? false }).then(
    disk => disk?.sha ?? null,
    () => after,
  )
  // The broker's own revision file is another after every change.
  const replaced = file !== '' && sha !== after
  const about: Pick<Difference, 'path' | 'action' | 'replaced'> = { path, action, ...(replaced && { replaced: true }) }
  const kept = (sha: string | null) => sha === null || blobs.has(sha)
  if (!kept(before) || !kept(after)) return { ...about, diff: '' }
  const bytes = async (sha: string | null) => (sha === null ? null : blobs.get(sha))
  const sides = { before: await bytes(before), after: await bytes(after) }
  return { ...about, diff: await diffOf({ path, ...sides, secret: secret() }) }
}

/** As it was applied, or as the policy has it now; secret in doubt. */
function isSecret(
  { plugin }: ChangeRecord,
  { path, file }: FileRecord,
  { ledger }: ChangeStore,
  policyOf: (plugin: string) => CompiledPolicy,
): boolean {
  if (ledger.applied.get(path)?.secret) return true
  try {
    const rule = policyOf(plugin).file(file)
    return rule ? (rule.secret ?? false) : true
  } catch {
    return true
  }
}
