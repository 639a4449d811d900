import type { ChangePlan, PlannedFile } from '@nusantara/sdk'
import { TenantUnknown } from '../errors.js'
import { type Blobs, sha256 } from './blobs.js'
import { type CompiledChange, placeholder } from './compile.js'
import type { ChangeServices } from './deps.js'
import { diffOf } from './diff.js'
import { type InspectedFile, inspect } from './inspection.js'
import type { Ledger } from './ledger.js'
import { serviceKey } from './records.js'

/** What a change would do, for a person and for the hash that pins it. Touches nothing. */
export async function planChange(
  change: CompiledChange,
  ledger: Ledger,
  blobs: Blobs,
  services: ChangeServices,
): Promise<Omit<ChangePlan, 'changeId'>> {
  const { files, hash } = await inspect(change, ledger)
  return {
    hash,
    // What is not there and shall not be there is nobody's news.
    files: await Promise.all(files.filter(isThere).map(file => planFile(file, blobs))),
    services: await verbs(change, files, ledger, services),
  }
}

function isThere({ disk, wanted, drifted }: InspectedFile): boolean {
  return disk !== null || wanted !== null || drifted
}

async function planFile(
  { compiled, disk, applied, wanted, drifted, action }: InspectedFile,
  blobs: Blobs,
): Promise<PlannedFile> {
  const { path, secret } = compiled
  const after = compiled.render(placeholder)
  const last = drifted && applied && blobs.has(applied.sha) ? await blobs.get(applied.sha) : null
  return {
    path,
    action,
    diff: action === 'none' ? '' : await diffOf({ path, before: disk?.bytes ?? null, after: wanted, secret }),
    before: disk?.sha ?? null,
    after: after && sha256(after),
    ...(drifted && { drift: { diff: await diffOf({ path, before: last, after: disk?.bytes ?? null, secret }) } }),
  }
}

async function verbs(
  change: CompiledChange,
  files: readonly InspectedFile[],
  ledger: Ledger,
  services: ChangeServices,
): Promise<ChangePlan['services']> {
  const { ref, rule } = change.service
  const active = await runs(change, services)
  const service = ref.service
  if (change.rule.ensure === 'follow' && !remains(change, ledger)) return active ? [{ service, verb: 'stop' }] : []
  if (!active) return [{ service, verb: 'start' }]
  return files.every(({ action }) => action === 'none') ? [] : [{ service, verb: rule.reload ? 'reload' : 'restart' }]
}

/** What belongs to a tenant that is not made yet does not run. */
async function runs({ service: { ref } }: CompiledChange, services: ChangeServices): Promise<boolean> {
  try {
    return (await services.status(ref)).active
  } catch (error) {
    if (ref.tenant !== undefined && TenantUnknown.is(error)) return false
    throw error
  }
}

/** Whether the service has a file after the change. */
export function remains(change: Pick<CompiledChange, 'files' | 'service'>, ledger: Ledger): boolean {
  const key = serviceKey(change.service.ref)
  const removed = new Set(change.files.filter(file => file.render(placeholder) === null).map(({ path }) => path))
  if (change.files.length > removed.size) return true
  for (const file of ledger.applied.values())
    if (serviceKey(file.service) === key && !removed.has(file.path)) return true
  return false
}
