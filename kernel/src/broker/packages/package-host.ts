import { readdirSync, statSync } from 'node:fs'
import type { PackageHost } from '@nusantara/sdk'
import type { Apt } from './apt.js'

const dayMs = 24 * 3600 * 1000
/** What dpkg has to finish: everything between nothing and `installed`. */
const halfDone: ReadonlySet<string> = new Set([
  'unpacked',
  'half-configured',
  'half-installed',
  'triggers-awaited',
  'triggers-pending',
])

/** How the package manager of the host stands; only reads. */
export async function packageHost(apt: Apt, permitted: boolean, now = Date.now()): Promise<PackageHost> {
  const refreshed = lastRefresh(apt.where.root)
  return {
    permitted,
    refreshed: refreshed === null ? null : new Date(refreshed).toISOString(),
    stale: refreshed === null || now - refreshed > dayMs,
    interrupted: await interrupted(apt),
  }
}

/**
 * When the lists were last fetched, epoch milliseconds. Their own times are those of the archive, so the directory counts
 * in which every refresh works, and the stamps of distributions that keep one.
 */
function lastRefresh(root: string): number | null {
  const lists = `${root}/var/lib/apt/lists`
  if (!namesIn(lists).some(name => /Release$|Packages(?:\.[a-z0-9]+)?$/.test(name))) return null
  const stamps = [lists, `${lists}/partial`, `${root}/var/lib/apt/periodic/update-success-stamp`]
  return Math.max(...stamps.map(changedAt))
}

/** dpkg keeps numbered files while it works: where some are left, it was interrupted. So does apt look at it. */
async function interrupted(apt: Apt): Promise<readonly string[] | null> {
  const left = namesIn(`${apt.where.root}/var/lib/dpkg/updates`).some(name => /^\d+$/.test(name))
  const names = (await apt.installed()).filter(({ status }) => halfDone.has(status)).map(({ name }) => name)
  return left || names.length > 0 ? names.sort() : null
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
