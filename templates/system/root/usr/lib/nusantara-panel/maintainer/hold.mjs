// Before an upgrade is unpacked: the version that runs goes on from a copy of its code, whatever becomes of the files.
import { existsSync, renameSync, rmSync } from 'node:fs'
import { disengage, engage, keepUnits } from './held-files.mjs'
import { held, versionOf, writeHeld } from './record.mjs'
import { run } from './systemd.mjs'

/**
 * Idempotent, and safe to repeat after a kill: a version that is held already stays the one that is held, because what is
 * unpacked by then may be half of another. @returns {boolean} whether it did something
 */
export function hold(paths) {
  if (held(paths)) return false
  const { code, previous, record } = paths
  for (const leftover of [previous, `${previous}.partial`, record]) rmSync(leftover, { recursive: true, force: true })
  linkAside(code, `${previous}.partial`)
  renameSync(`${previous}.partial`, previous)
  keepUnits(paths)
  engage(paths)
  writeHeld(paths, { running: versionOf(previous), since: new Date().toISOString() })
  return true
}

/** dpkg replaces files by renaming new ones over them, so links keep what was. */
function linkAside(from, to) {
  if (run('cp', ['-al', '--', from, to]).ok) return
  rmSync(to, { recursive: true, force: true })
  const { ok, output } = run('cp', ['-a', '--', from, to])
  if (!ok) throw new Error(`the running version could not be kept aside: ${output}`)
}

/** The version in place runs, and nothing is kept of another. */
export function release(paths) {
  disengage(paths)
  for (const path of [paths.previous, `${paths.previous}.partial`, paths.record]) {
    if (existsSync(path)) rmSync(path, { recursive: true, force: true })
  }
}
