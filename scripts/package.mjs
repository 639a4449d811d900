// `npm run package [-- --arch amd64|arm64] [-- --directory DIR]`: builds the Debian package in `dist/`.
// The same commit gives the same bytes: times come from the commit, order and modes from the tree.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { root as checkout, inRoot } from './lib/paths.mjs'
import { control } from './package/control.mjs'
import { buildDeb } from './package/deb.mjs'
import { layCode, layDocuments, laySystem, setModes } from './package/tree.mjs'

const architectures = { amd64: 'x64', arm64: 'arm64' }

function scripts() {
  const folder = inRoot('templates/system/debian')
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** Seconds of the commit, so that nothing in the archive depends on when or where it is built. */
function epochOf() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH)
  return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: checkout, encoding: 'utf8' }))
}

/** @returns {Promise<string>} path of the archive */
export async function makePackage({ arch = 'amd64', directory = inRoot('dist') } = {}) {
  const node = architectures[arch]
  if (!node) throw new Error(`--arch ${arch}: the architectures are ${Object.keys(architectures).join(', ')}`)
  if (!existsSync(inRoot(`node_modules/node-linux-${node}/bin/node`)))
    throw new Error(`the runtime node-linux-${node} is not installed here; build ${arch} on such a machine`)
  const epoch = epochOf()
  const root = mkdtempSync(join(tmpdir(), 'nusantara-package-'))
  try {
    laySystem(root)
    const version = layCode(root, node)
    layDocuments(root, { version, epoch })
    setModes(root)
    mkdirSync(directory, { recursive: true })
    const file = join(directory, `nusantara-panel_${version}_${arch}.deb`)
    await buildDeb({ root, control: control({ version, arch }), scripts: scripts(), file, epoch })
    return file
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { arch: { type: 'string' }, directory: { type: 'string' } } })
  if (!(await build())) process.exit(1)
  try {
    const file = await makePackage(values)
    process.stdout.write(`${file} ${(statSync(file).size / 1e6).toFixed(1)} MB\n`)
  } catch (error) {
    process.stderr.write(`package: ${error.message}\n`)
    process.exitCode = 1
  }
}
