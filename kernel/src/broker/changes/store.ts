import type { Blobs } from './blobs.js'
import type { Installer } from './installer.js'
import type { Ledger } from './ledger.js'

/** What change transactions keep on the disk, below the broker's state directory. */
export interface ChangeStore {
  readonly ledger: Ledger
  readonly blobs: Blobs
  readonly installer: Installer
  /** Directory of staged trees. */
  readonly stages: string
}
