import { defineProblem } from '@nusantara/sdk/problem'

export * from '../errors.js'
/** A managed file could not be read or written: full disk, read-only file system, a symlink where a file should be. */
export const WriteFailed = defineProblem<{ path: string; cause: string }>('write_failed', 507)
/** A directory on the way to a managed file could be changed by somebody else than root. */
export const PathUnsafe = defineProblem<{ path: string; reason: string }>('path_unsafe', 409)
/** The broker was killed while the change was applied; every file is as before. */
export const ChangeRecovered = defineProblem<{ changeId: string }>('change_recovered', 503)
/** The bytes that a change replaced are no longer kept. */
export const ChangeExpired = defineProblem<{ changeId: string }>('change_expired', 410)
