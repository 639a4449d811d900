// The packages that run on a server: those of the lockfile that are no development tools and fit the target.
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../lib/paths.mjs'

/** What no program reads: documentation, types, sources of native code, tests. */
const unread =
  /^\.|\.test\.[cm]?js$|(?:\.md|\.markdown|\.d\.[cm]?ts|\.ts|\.map|\.flow|\.gyp|\.gypi|\.c|\.cc|\.cpp|\.h|\.hpp|\.o|\.yml)$/i
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

/** Paths below the checkout, `node_modules/…`, of what is packed for the architecture. */
export function productionModules(arch) {
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'))
  return Object.entries(packages)
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
    .map(([path]) => path)
    .filter(path => !browserOnly.test(path) && !path.startsWith('node_modules/node-linux-') && existsSync(inRoot(path)))
}

/** Copies one module without what nothing reads. A module nested in it is copied by its own entry. */
export function copyModule(path, target, arch) {
  const source = inRoot(path)
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
