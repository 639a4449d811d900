// Native code in a tree, and whom it is for.
import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** `e_machine` of an ELF header (elf(5)). */
const machines = { 62: 'amd64', 183: 'arm64' }

/** The architecture of a program or library by Debian's name, `unknown` for others; undefined for what is no ELF file. */
export function architectureOf(file) {
  const descriptor = openSync(file, 'r')
  try {
    const header = Buffer.alloc(20)
    const length = readSync(descriptor, header, 0, 20, 0)
    if (length < 20 || header.readUInt32BE(0) !== 0x7f454c46) return undefined
    const littleEndian = header[5] === 1
    return (littleEndian && machines[header.readUInt16LE(18)]) || 'unknown'
  } finally {
    closeSync(descriptor)
  }
}

/** Every native file below the directory: `[path, architecture]`. */
export function nativeFiles(directory) {
  return readdirSync(directory, { recursive: true })
    .map(name => join(directory, name))
    .filter(path => lstatSync(path).isFile())
    .map(path => [path, architectureOf(path)])
    .filter(([, architecture]) => architecture !== undefined)
}

/** @throws when a native file is for another machine than the package */
export function requireArchitecture(directory, arch) {
  const wrong = nativeFiles(directory).filter(([, architecture]) => architecture !== arch)
  if (wrong.length === 0) return
  const list = wrong.map(([path, architecture]) => `${path} (${architecture})`).join(', ')
  throw new Error(`not for ${arch}: ${list}; leave it out in scripts/package/modules.mjs`)
}
