import { dirname, join } from 'node:path'
import { ChangeRecovered } from '../errors.js'
import type { ServiceRef } from '../services.js'
import type { ChangeDeps } from './deps.js'
import { removeEmpty } from './empty-directories.js'
import type { ChangeRecord } from './records.js'
import type { ChangeStore } from './store.js'

/**
 * Restores every batch that a crash left open, whole: all files as before, or as somebody edited them since. Runs before
 * anything reads the configuration; idempotent, so a crash during it is no other case.
 *
 * @returns services that may run on a configuration that is gone again
 */
export async function restoreOpenBatches(deps: ChangeDeps, store: ChangeStore): Promise<readonly ServiceRef[]> {
  const { ledger, installer } = store
  const services: ServiceRef[] = []
  for (const open of [...ledger.open.values()].reverse()) {
    await installer.restore(open.files, open)
    const changes = open.members.map((member): ChangeRecord => {
      const { code, status, params } = ChangeRecovered({ changeId: member.changeId })
      return { ...member, state: 'failed', recovered: true, files: [], problem: { code, status, params } }
    })
    await ledger.close(open.batch, { changes, applied: [], gone: [] })
    installer.forget(open.files, open.batch)
    await deps.journal.record('recovery', 'change.apply', {
      batch: open.batch,
      began: open.at,
      service: open.service,
      changes: open.members.map(({ changeId }) => changeId),
      restored: open.files.map(({ path, before }) => ({ path, sha256: before })),
    })
    services.push(open.service)
  }
  const directories = new Set(
    [
      ...ledger.applied.keys(),
      ...[...ledger.changes.values()].flatMap(({ files }) => files.map(({ path }) => path)),
    ].map(path => dirname(path)),
  )
  await installer.sweep(directories, new Set(ledger.open.keys()))
  await removeEmpty(
    store,
    [...ledger.made].map(directory => join(directory, 'any')),
  )
  return services
}
