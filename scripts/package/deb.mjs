// Makes a Debian package of a tree: control data, checksums, archive. The same tree and time give the same bytes.
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from '../lib/run.mjs'

function* filesOf(directory, root = directory) {
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name)
    const stats = lstatSync(path)
    if (stats.isDirectory()) yield* filesOf(path, root)
    else yield { name: relative(root, path), path, stats }
  }
}

/** `Installed-Size` in KiB (Debian Policy 5.6.20): every file rounded up, one for each directory entry. */
function installedSize(files) {
  return files.reduce((sum, { stats }) => sum + (stats.isFile() ? Math.ceil(stats.size / 1024) : 1), 0)
}

/** deb822: a field whose value has several lines is continued with a blank. */
function paragraph(fields) {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${[value].flat().join('\n ')}\n`)
    .join('')
}

/**
 * @param {object} options
 * @param {string} options.root tree as it is to be unpacked
 * @param {Record<string, string | string[]>} options.control fields but Installed-Size
 * @param {Record<string, string>} options.scripts maintainer scripts by name
 * @param {string} options.file the archive
 * @param {number} options.epoch seconds; no file of the archive is younger
 */
export async function buildDeb({ root, control, scripts, file, epoch }) {
  const files = [...filesOf(root)]
  const directory = join(root, 'DEBIAN')
  mkdirSync(directory)
  // Modes are set, not asked for: the umask is the builder's.
  chmodSync(directory, 0o755)
  const write = (name, text, mode = 0o644) => {
    writeFileSync(join(directory, name), text)
    chmodSync(join(directory, name), mode)
  }
  write('control', paragraph({ ...control, 'Installed-Size': String(installedSize(files)) }))
  write(
    'md5sums',
    files
      .filter(({ stats }) => stats.isFile())
      .map(({ name, path }) => `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${name}\n`)
      .join(''),
  )
  const conffiles = files.filter(({ name }) => name.startsWith('etc/'))
  write('conffiles', conffiles.map(({ name }) => `/${name}\n`).join(''))
  for (const [name, text] of Object.entries(scripts)) write(name, text, 0o755)
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) }
  // xz at its lowest level: a tenth larger than at its default, and made in a fifth of the time.
  const code = await run('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', root, file], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (code !== 0) throw new Error(`dpkg-deb ended with ${code}`)
}
