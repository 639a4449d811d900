import { readdirSync } from 'node:fs'
import type { Word } from '@nusantara/sdk'
import type { Host } from '../host.js'
import type { CompiledPolicy } from '../policy.js'
import type { Methods } from '../protocol.js'
import type { Blobs } from './blobs.js'
import { diffOf } from './diff.js'
import { readDisk } from './disk.js'
import { isTransient } from './installer.js'
import type { Ledger } from './ledger.js'
import type { AppliedFile } from './records.js'

export type DriftedFile = Methods['change.drift']['result']['files'][number]

/** Files of a plugin that differ from what was last applied, and files in its directories that no change made. */
export async function findDrift(
  host: Host,
  policy: CompiledPolicy,
  ledger: Ledger,
  blobs: Blobs,
): Promise<DriftedFile[]> {
  const own = [...ledger.applied.values()].filter(file => file.plugin === policy.plugin)
  const files: DriftedFile[] = []
  for (const applied of own) {
    const found = await compare(applied, blobs)
    if (found) files.push(found)
  }
  return [...files, ...(await foreignFiles(host, policy, ledger))]
}

async function compare(applied: AppliedFile, blobs: Blobs): Promise<DriftedFile | null> {
  const { path, file, service, sha, secret = false } = applied
  const disk = await readDisk(path, { links: applied.link ?? false })
  if (disk?.sha === sha) return null
  const before = blobs.has(sha) ? await blobs.get(sha) : null
  const diff = await diffOf({ path, before, after: disk?.bytes ?? null, secret })
  return {
    path,
    file,
    ...(service.tenant !== undefined && { tenant: service.tenant }),
    diff,
    kind: disk ? 'modified' : 'missing',
  }
}

/** Directories that hold nothing but a rule's files: the last element of its path varies, the directory does not. */
function managedDirectories(
  host: Host,
  policy: CompiledPolicy,
): ReadonlyMap<string, { readonly file: string; readonly secret: boolean }> {
  const directories = new Map<string, { file: string; secret: boolean }>()
  for (const [file, rule] of Object.entries(policy.privileges.files ?? {})) {
    const leading = literalPrefix(rule.path)
    if (leading === null) continue
    const directory = host.expandRoot(leading.slice(0, leading.lastIndexOf('/')))
    directories.set(directory, {
      file,
      secret: (rule.secret ?? false) || (directories.get(directory)?.secret ?? false),
    })
  }
  return directories
}

/** The literals before the first parameter, when that stands in the last segment. */
function literalPrefix(words: readonly Word[]): string | null {
  const first = words.findIndex(word => typeof word !== 'string')
  if (first < 1) return null
  const after = words.slice(first).flat()
  if (after.some(word => typeof word === 'string' && word.includes('/'))) return null
  return words.slice(0, first).join('')
}

/** Paths of the broker's own revision files, which no change of the plugin writes. */
function revisionPaths(host: Host, policy: CompiledPolicy): RegExp[] {
  const escaped = (literal: string) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return Object.values(policy.privileges.services ?? {}).flatMap(({ revision }) => {
    if (!revision) return []
    const parts = revision.path.map(word => (typeof word === 'string' ? escaped(host.expandRoot(word)) : '[^/]+'))
    return [new RegExp(`^${parts.join('')}$`)]
  })
}

async function foreignFiles(host: Host, policy: CompiledPolicy, ledger: Ledger): Promise<DriftedFile[]> {
  const found: DriftedFile[] = []
  const own = revisionPaths(host, policy)
  for (const [directory, { file, secret }] of managedDirectories(host, policy))
    for (const entry of list(directory)) {
      const path = `${directory}/${entry.name}`
      if (!entry.isFile() || isTransient(entry.name) || ledger.applied.has(path) || own.some(each => each.test(path)))
        continue
      const disk = await readDisk(path).catch(() => null)
      if (disk)
        found.push({
          path,
          file,
          diff: await diffOf({ path, before: null, after: disk.bytes, secret }),
          kind: 'foreign',
        })
    }
  return found
}

function list(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
