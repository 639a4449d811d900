// The packages that run on a server: those of the lockfile that are no development tools and fit the target.
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../lib/paths.mjs'

/** What no program reads: documentation, types, sources of native code, tests. */
const unread =
  /^\.|\.test\.[cm]?js$|(?:\.md|\.markdown|\.html|\.d\.[cm]?ts|\.ts|\.map|\.flow|\.gyp|\.gypi|\.c|\.cc|\.cpp|\.h|\.hpp|\.o|\.yml)$/i
const unreadFolders = new Set([
  'test',
  'tests',
  '__tests__',
  'docs',
  'doc',
  'example',
  'examples',
  'bench',
  'benchmark',
  '.github',
  'man',
])
/** Bundled into the shell already; the server never loads them. */
const browserOnly = /^node_modules\/(?:lit|lit-html|lit-element|@lit|@lit-labs)(?:\/|$)/

/** Fields `os`, `cpu`, `libc` of a package: what it is for, or with `!` what it is not for. */
function fits(wanted, value) {
  const words = [wanted ?? []].flat()
  return words.includes(value) || (!words.includes(`!${value}`) && words.every(word => word.startsWith('!')))
}

/** The lockfile's entries by path, `node_modules/…`. */
export function lockedPackages() {
  return JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages
}

/**
 * Paths below the checkout of what is packed for the architecture (Node's word for it). Those that are built for it alone
 * may be missing in a checkout on another machine.
 */
export function productionModules(arch) {
  return Object.entries(lockedPackages())
    .filter(
      ([path, { link, dev, devOptional, os, cpu, libc }]) =>
        path.includes('node_modules/') &&
        !link &&
        !dev &&
        !devOptional &&
        fits(os, 'linux') &&
        fits(cpu, arch) &&
        fits(libc, 'glibc'),
    )
    .filter(([path, { cpu }]) => !browserOnly.test(path) && (cpu || existsSync(inRoot(path))))
    .map(([path]) => path)
}

/** Copies one module from `base` without what nothing reads. A module nested in it is copied by its own entry. */
export function copyModule(base, path, target, arch) {
  const source = join(base, path)
  cpSync(source, join(target, path), {
    recursive: true,
    filter: file => {
      const inside = file.slice(source.length + 1)
      const name = inside.split('/').at(-1)
      if (inside === 'node_modules' || unreadFolders.has(inside)) return false
      if (/^prebuilds\/.+\.node$/.test(inside)) return inside === `prebuilds/linux-${arch}.node`
      if (path.endsWith('node_modules/better-sqlite3') && ['deps', 'src'].includes(inside)) return false
      return !unread.test(name) || /^licen[cs]e/i.test(name)
    },
  })
}
