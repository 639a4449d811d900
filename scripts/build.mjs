// Compiles the server side (tsc) and bundles the browser side (Vite). Does nothing when nothing changed.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inRoot } from './lib/paths.mjs'
import { run } from './lib/run.mjs'
import { buildFingerprint, removeLeftovers } from './lib/sources.mjs'

const stamp = inRoot('node_modules', '.cache', 'nusantara-build')
/** Written last on each side: without them there is no build, whatever the stamp says. */
const results = ['kernel/dist/main.js', 'ui-shell/dist/manifest.json'].map(file => inRoot(file))

const isBuilt = wanted =>
  results.every(file => existsSync(file)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted

/** @returns {Promise<boolean>} whether the checkout is built */
export async function build({ force = false } = {}) {
  const wanted = buildFingerprint()
  if (!force && isBuilt(wanted)) return true
  process.stderr.write('nusantara: building\n')
  rmSync(stamp, { force: true })
  // tsc trusts its own record of what it wrote, also when somebody removed it.
  const compile = ['-b', ...(existsSync(results[0]) && !force ? [] : ['--force'])]
  const [server, browser] = await Promise.all([
    run(process.execPath, [inRoot('node_modules/typescript/bin/tsc'), ...compile], { stdio: ['ignore', 2, 2] }),
    run(process.execPath, [inRoot('scripts/build-ui.mjs')], { stdio: ['ignore', 2, 2] }),
  ])
  if (server !== 0 || browser !== 0) return false
  removeLeftovers()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
  return true
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = (await build({ force: process.argv.includes('--force') })) ? 0 : 1
}
