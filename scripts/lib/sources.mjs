import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { inRoot, root } from './paths.mjs'

const skipped = new Set(['node_modules', 'dist', '.git', '.test-output', '.nusantara'])

function walk(directory, visit) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (!entry.isDirectory()) visit(path)
    else if (!skipped.has(entry.name)) walk(path, visit)
  }
}

/** Every file below a folder of the checkout, without what is built or installed. */
export function filesBelow(folder) {
  const found = []
  walk(inRoot(folder), path => {
    if (!path.endsWith('.tsbuildinfo')) found.push(path)
  })
  return found.sort()
}

const runningFolders = ['sdk', 'migrations', 'kernel', 'plugins', 'ui-shell']
/** Beside the sources: what decides how they are built. */
const buildFiles = [
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'scripts/build.mjs',
  'scripts/build-ui.mjs',
]

function over(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file.slice(root.length)}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/** Changes whenever something does that the build reads: over path, size and time of each file. */
export function buildFingerprint() {
  return over([...runningFolders, 'test'].flatMap(filesBelow).concat(buildFiles.map(file => inRoot(file))))
}

/** Changes whenever a source of the running panel does. */
export function runningFingerprint() {
  return over(runningFolders.flatMap(filesBelow))
}

/** Folders that `tsc -b` compiles from `src` to `dist`. */
function compiledProjects() {
  const { references } = JSON.parse(readFileSync(inRoot('tsconfig.json'), 'utf8'))
  return references.map(({ path }) => path)
}

/**
 * Removes compiled files whose source is gone: migrations are found by listing their folder, and a deleted one must not
 * run for ever. The browser side in `dist/ui` is the bundler's.
 */
export function removeLeftovers() {
  for (const project of compiledProjects()) {
    const dist = inRoot(project, 'dist')
    if (!existsSync(dist)) continue
    walk(dist, path => {
      const name = relative(dist, path)
      if (name.startsWith('ui/') || !/\.(?:js|d\.ts)(?:\.map)?$/.test(name)) return
      const source = inRoot(project, 'src', name.replace(/\.(?:js|d\.ts)(?:\.map)?$/, '.ts'))
      if (!existsSync(source)) rmSync(path)
    })
  }
}
