import { dirname, join } from 'node:path'
import { readGuarded } from '../policy/source.js'
import type { UpgradeFacts } from './facts.js'

interface Held {
  readonly running?: string
  readonly failed?: { readonly version?: string; readonly reason?: string; readonly at?: string }
}

/** Where the package keeps what it knows of its last upgrade: beside the broker's own state. */
export const upgradeRecord = (state: string) => join(dirname(state), 'nusantara-upgrade', 'held.json')

/** What an upgrade notes when the version before runs on; undefined when none was taken back. @throws Error */
export function upgradeTakenBack(file: string): UpgradeFacts | undefined {
  let held: Held
  try {
    held = JSON.parse(readGuarded(file).toString('utf8')) as Held
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const { running, failed } = held
  if (!failed) return undefined
  const text = (value: unknown) => String(value ?? '?').slice(0, 1000)
  return { from: text(running), to: text(failed.version), at: text(failed.at), reason: text(failed.reason) }
}
