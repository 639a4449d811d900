import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces the file so that a crash at any moment leaves the old bytes or the new ones. Mode 0600 unless told. */
export function writeStateFile(file: string, value: unknown, mode = 0o600): void {
  const staged = `${file}.new`
  const descriptor = openSync(staged, 'w', mode)
  try {
    writeSync(descriptor, typeof value === 'string' ? value : `${JSON.stringify(value)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(staged, file)
  syncDirectory(dirname(file))
}

/** The parsed file, or undefined when there is none. A damaged file throws: the broker does not guess its own state. */
export function readStateFile(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${file} is damaged; restore it from a backup or remove it`, { cause: error })
  }
}

export function removeStateFile(file: string): void {
  try {
    unlinkSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  syncDirectory(dirname(file))
}

/** Makes renames and removals in the directory durable. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
