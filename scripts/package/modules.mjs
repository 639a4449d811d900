// The packages of the lockfile that are on a server: a few as they are, the code of the others inside the bundles.
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../lib/paths.mjs'

/** With native code, which no bundle holds. What they are built with is not needed to run them. */
export const native = ['better-sqlite3']
export const runtime = arch => `node_modules/node-linux-${arch}`

/** What no program reads: documentation, types, sources of native code. */
const unread = /(?:\.md|\.d\.[cm]?ts|\.gyp)$/i
const unreadFolders = ['deps', 'src', 'node_modules']

/** The lockfile's entries by path, `node_modules/…`. */
export function lockedPackages() {
  return JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages
}

/** Copies a native package with the code for one architecture alone. */
export function copyNative(name, target, arch) {
  const source = inRoot('node_modules', name)
  cpSync(source, join(target, 'node_modules', name), {
    recursive: true,
    filter: file => {
      const inside = file.slice(source.length + 1)
      if (/^prebuilds\/.+\.node$/.test(inside)) return inside === `prebuilds/linux-${arch}.node`
      return !unreadFolders.includes(inside) && !unread.test(inside)
    },
  })
}

/**
 * Names and terms of every package whose code may be inside: those of the lockfile that are no development tools.
 *
 * @returns {{name: string, version: string, license: string, files: string[]}[]} with the licences' files in the checkout
 */
export function usedPackages() {
  return Object.entries(lockedPackages())
    .filter(
      ([path, { link, dev, devOptional, cpu }]) =>
        path.includes('node_modules/') && !link && !dev && !devOptional && !cpu && existsSync(inRoot(path)),
    )
    .map(([path, { version, license = 'see its files' }]) => ({
      name: path.split('node_modules/').at(-1),
      version,
      license,
      files: readdirSync(inRoot(path))
        .filter(file => /^(?:licen[cs]e|notice|copying)/i.test(file))
        .map(file => inRoot(path, file)),
    }))
}
