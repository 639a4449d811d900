// What an upgrade writes down, so that whoever comes after a kill in its middle knows where it was.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/** The previous version is kept: `{running, since}`, and when the new one was refused `failed: {version, reason, log}`. */
export const held = paths => read(paths, 'held.json')
export const writeHeld = (paths, value) => write(paths, 'held.json', value)

/** The new version got the state, or is losing it again: `{from, phase: 'switching' | 'falling-back', reason?}`. */
export const switching = paths => read(paths, 'switching.json')
export const writeSwitching = (paths, value) => write(paths, 'switching.json', value)
export const endSwitching = paths => rmSync(join(paths.record, 'switching.json'), { force: true })

export function versionOf(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).version
}

function read({ record }, name) {
  const file = join(record, name)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

function write({ record }, name, value) {
  mkdirSync(record, { recursive: true, mode: 0o755 })
  const file = join(record, name)
  const fresh = openSync(`${file}.new`, 'w', 0o644)
  writeSync(fresh, `${JSON.stringify(value, null, 2)}\n`)
  fsyncSync(fresh)
  closeSync(fresh)
  renameSync(`${file}.new`, file)
  const directory = openSync(record, 'r')
  fsyncSync(directory)
  closeSync(directory)
}
