// What the package puts where. Everything below /usr/lib/nusantara-panel is laid out as in the checkout.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { inRoot } from '../lib/paths.mjs'
import { layPrograms } from './bundle.mjs'
import { completionFiles, manualPage } from './manual.mjs'
import { copyNative, native, runtime, usedPackages } from './modules.mjs'

/** Where the code lies below the package's root. */
export const home = 'usr/lib/nusantara-panel'
/** Compiled tests and what only they use stay behind. */
const forTests =
  /(?:\.test\.(?:js|d\.ts)|\.fixture\.js|\.map|\.d\.ts|\.tsbuildinfo)$|\/dist\/(?:integration|testing)(?:\/|$)|\/dist\/broker\/testing(?:\/|$)/

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(inRoot(from), to, { recursive: true, filter: file => !forTests.test(file) })
}

/** Files of a workspace beside its programs, which are bundled. */
const parts = {
  kernel: ['package.json', 'locales', 'src/broker/versions.json'],
  sdk: ['package.json'],
  migrations: ['package.json', 'dist'],
  'ui-shell': ['package.json', 'dist', 'locales'],
}
const pluginParts = [
  'package.json',
  'privileges.json',
  'grammars',
  'locales',
  'dist/api.js',
  'dist/migrations',
  'dist/ui',
  'README.md',
]

function workspaces() {
  const plugins = readdirSync(inRoot('plugins')).map(id => [`plugins/${id}`, pluginParts])
  return [...Object.entries(parts), ...plugins]
}

/**
 * Lays the code out below `root`, the package's own root.
 *
 * @param {(path: string) => string} baseOf folder below which a path of `node_modules` is
 */
export async function layCode(root, { arch, version, baseOf }) {
  const code = join(root, home)
  for (const [folder, wanted] of workspaces()) {
    for (const part of wanted) if (existsSync(inRoot(folder, part))) copy(`${folder}/${part}`, join(code, folder, part))
    const { name } = JSON.parse(readFileSync(inRoot(folder, 'package.json'), 'utf8'))
    const link = join(code, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(`../../${folder}`, link)
  }
  await layPrograms(code)
  for (const name of native) copyNative(name, code, arch)
  const node = runtime(arch)
  for (const file of ['bin/node', 'LICENSE'])
    cpSync(join(baseOf(node), node, file), join(code, 'runtime', file), { recursive: true })
  writeFileSync(join(code, 'package.json'), `${JSON.stringify({ name: 'nusantara-panel', version, type: 'module' })}\n`)
}

/** Every version of PHP that some distribution has, from the broker's own table. */
function phpVersions() {
  const { php } = JSON.parse(readFileSync(inRoot('kernel/src/broker/versions.json'), 'utf8'))
  return [...new Set([...Object.values(php.distributions).flat(), ...php.others])]
}

/** Lays out what stands elsewhere on a server: `templates/system/root` is its picture, and units for each PHP. */
export function laySystem(root) {
  cpSync(inRoot('templates/system/root'), root, { recursive: true })
  for (const kind of ['service', 'socket']) {
    const unit = readFileSync(inRoot(`templates/system/php.${kind}`), 'utf8')
    for (const version of phpVersions())
      writeFileSync(
        join(root, `usr/lib/systemd/system/nusantara-php${version}@.${kind}`),
        unit.replaceAll('{version}', version),
      )
  }
  // Directories that the broker may write must be there when it starts, whatever is installed later.
  for (const directory of ['etc/nginx/nusantara', 'etc/nginx/nusantara.d', 'etc/nginx/conf.d', 'etc/nusantara-php'])
    mkdirSync(join(root, directory), { recursive: true })
}

const policyDate = epoch => new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')

function write(file, content) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

/** What Debian wants to find in /usr/share: the manual, completions, the changelog, and the licences of what is inside. */
export async function layDocuments(root, { version, epoch }) {
  const folder = join(root, 'usr/share/doc/nusantara-panel')
  mkdirSync(folder, { recursive: true })
  const entry = `nusantara-panel (${version}) stable; urgency=medium\n\n  * Built from the sources of this version.\n\n -- Nusantara Panel <panel@nusantara.invalid>  ${policyDate(epoch)}\n`
  // A gzip header of Node's names neither file nor time.
  writeFileSync(join(folder, 'changelog.gz'), gzipSync(entry, { level: 9 }))
  cpSync(inRoot('templates/system/copyright'), join(folder, 'copyright'))
  layLicences(join(folder, 'packages'))
  for (const [locale, folder] of Object.entries({ en: 'man/man1', id: 'man/id/man1' }))
    write(join(root, 'usr/share', folder, 'nusa.1.gz'), gzipSync(await manualPage(locale), { level: 9 }))
  for (const [path, text] of await completionFiles()) write(join(root, path), text)
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  symlinkSync('../lib/nusantara-panel/bin/nusa', join(root, 'usr/bin/nusa'))
}

/** The terms of every package whose code is in the bundles, by its name. */
function layLicences(folder) {
  const used = usedPackages()
  write(join(folder, 'list'), used.map(({ name, version, license }) => `${name} ${version} ${license}\n`).join(''))
  for (const { name, version, files } of used)
    for (const file of files) write(join(folder, `${name}-${version}`, basename(file)), readFileSync(file))
}

/** Mode and time follow from the place and the commit: readable by all, writable by root alone, as old as the sources. */
export function setModes(directory, epoch) {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    const stats = lstatSync(path)
    if (stats.isDirectory()) {
      setModes(path, epoch)
      continue
    }
    if (!stats.isSymbolicLink()) chmodSync(path, executable(path) ? 0o755 : 0o644)
    lutimesSync(path, epoch, epoch)
  }
  chmodSync(directory, 0o755)
  utimesSync(directory, epoch, epoch)
}

function executable(path) {
  return (
    path.endsWith('/runtime/bin/node') ||
    /\/usr\/lib\/nusantara-panel\/bin\/\w+$/.test(path) ||
    /\/DEBIAN\/(?:pre|post)(?:inst|rm)$/.test(path)
  )
}
