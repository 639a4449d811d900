import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot, root } from './paths.mjs'

const skipped = new Set(['node_modules', 'dist', '.git', '.test-output', '.nusantara'])

/** Every file below a folder of the checkout, without what is built or installed. */
export function filesBelow(folder) {
  const found = []
  const walk = directory => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (skipped.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) continue
      const path = join(directory, entry.name)
      if (entry.isDirectory()) walk(path)
      else found.push(path)
    }
  }
  walk(inRoot(folder))
  return found.sort()
}

export const builtFolders = ['sdk', 'migrations', 'kernel', 'plugins', 'ui-shell']

/** Changes whenever a source that the build reads does: over path, size and time of each. */
export function fingerprint(folders = builtFolders) {
  const hash = createHash('sha256')
  for (const folder of folders) {
    for (const file of filesBelow(folder)) {
      const { size, mtimeMs } = statSync(file)
      hash.update(`${file.slice(root.length)}\0${size}\0${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}
