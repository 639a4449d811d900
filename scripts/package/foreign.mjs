// Packages for another architecture than this machine's: npm left them out of the checkout.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../lib/paths.mjs'
import { capture } from '../lib/run.mjs'
import { lockedPackages } from './modules.mjs'

const topLevel = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/

/**
 * Brings what the checkout lacks of `paths` into `directory`, laid out as in the checkout. Versions and checksums are the
 * lockfile's, so npm takes no other bytes than those it names.
 *
 * @returns {Promise<(path: string) => string>} the folder below which a path is
 */
export async function bringForeign(paths, arch, directory) {
  const missing = paths.filter(path => !existsSync(inRoot(path)))
  if (missing.length > 0) await install(missing, arch, directory)
  return path => (missing.includes(path) ? directory : inRoot())
}

async function install(paths, arch, directory) {
  const locked = lockedPackages()
  const entries = Object.fromEntries(paths.map(path => [path, locked[path]]))
  const dependencies = Object.fromEntries(paths.map(path => [nameOf(path), locked[path].version]))
  const project = { name: 'foreign', version: '0.0.0', dependencies }
  mkdirSync(directory, { recursive: true })
  const write = (name, value) => writeFileSync(join(directory, name), JSON.stringify(value))
  write('package.json', project)
  write('package-lock.json', { ...project, lockfileVersion: 3, packages: { '': project, ...entries } })
  const options = ['--os=linux', `--cpu=${arch}`, '--libc=glibc', '--ignore-scripts', '--prefer-offline', '--force']
  const npm = process.env.npm_execpath
  const [program, ...first] = npm ? [process.execPath, npm] : ['npm']
  const { code, output } = await capture(program, [...first, 'ci', ...options, '--loglevel=error'], { cwd: directory })
  if (code !== 0) throw new Error(`npm could not bring ${Object.keys(dependencies).join(', ')} for ${arch}:\n${output}`)
}

function nameOf(path) {
  const name = topLevel.exec(path)?.[1]
  if (!name) throw new Error(`${path} is built for one architecture and nested in another package; hoist it`)
  return name
}
