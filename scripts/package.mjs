// `npm run package [-- --arch amd64|arm64 --directory DIR --version VERSION]`: builds the Debian package in `dist/`.
// The same commit gives the same bytes: times come from the commit, order and modes from the tree.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { root as checkout, inRoot } from './lib/paths.mjs'
import { control } from './package/control.mjs'
import { buildDeb } from './package/deb.mjs'
import { bringForeign } from './package/foreign.mjs'
import { runtime } from './package/modules.mjs'
import { requireArchitecture } from './package/native.mjs'
import { layCode, layDocuments, laySystem, setModes } from './package/tree.mjs'

const architectures = { amd64: 'x64', arm64: 'arm64' }

function scripts() {
  const folder = inRoot('templates/system/debian')
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]))
}

const git = (...args) => execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim()

/** Seconds of the commit, so that nothing in the archive depends on when or where it is built. */
function epochOf() {
  return Number(process.env.SOURCE_DATE_EPOCH || git('log', '-1', '--format=%ct'))
}

/**
 * A commit that carries the tag `v<version>` is that version. Any other comes before it in Debian's order, the later
 * commit after the earlier one.
 */
function versionOf() {
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
  if (git('tag', '--points-at', 'HEAD', '--list', `v${version}`)) return version
  const time = new Date(Number(git('log', '-1', '--format=%ct')) * 1000).toISOString().replace(/\D/g, '').slice(0, 14)
  return `${version}~git${time}.${git('rev-parse', 'HEAD').slice(0, 8)}`
}

/** @returns {Promise<string>} path of the archive */
export async function makePackage({ arch = 'amd64', directory = inRoot('dist'), version = versionOf() } = {}) {
  const node = architectures[arch]
  if (!node) throw new Error(`--arch ${arch}: the architectures are ${Object.keys(architectures).join(', ')}`)
  const epoch = epochOf()
  const work = mkdtempSync(join(tmpdir(), 'nusantara-package-'))
  try {
    const root = join(work, 'root')
    await layPackage(root, { arch, version, epoch, work })
    mkdirSync(directory, { recursive: true })
    const file = join(directory, `nusantara-panel_${version}_${arch}.deb`)
    await buildDeb({ root, control: control({ version, arch }), scripts: scripts(), file, epoch })
    return file
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Lays out everything that is unpacked on a server. @param work a directory for what has to be fetched */
export async function layPackage(root, { arch, version, epoch, work }) {
  const node = architectures[arch]
  const baseOf = await bringForeign([runtime(node)], node, join(work, 'foreign'))
  laySystem(root)
  await layCode(root, { arch: node, version, baseOf })
  await layDocuments(root, { version, epoch })
  requireArchitecture(root, arch)
  setModes(root, epoch)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { arch: { type: 'string' }, directory: { type: 'string' }, version: { type: 'string' } },
  })
  if (!(await build())) process.exit(1)
  try {
    const file = await makePackage(values)
    process.stdout.write(`${file} ${(statSync(file).size / 1e6).toFixed(1)} MB\n`)
  } catch (error) {
    process.stderr.write(`package: ${error.message}\n`)
    process.exitCode = 1
  }
}
