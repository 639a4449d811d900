// A small archive of packages beside an image, so that apt in a server works as it does with a network.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command, succeed } from './command.js'

/** Where servers see the archive. */
export const archiveMount = '/opt/archive'

/**
 * Downloads what the lists need and the image lacks, with the lists of packages that are still in it, describes it to apt
 * there and takes the archive out of the image.
 */
export async function downloadArchive(
  root: string,
  archive: string,
  lists: readonly (readonly string[])[],
): Promise<void> {
  const inImage = (...argv: readonly string[]) => ['chroot', root, ...argv]
  const mounted = join(root, archiveMount)
  await mkdir(join(root, 'opt'), { recursive: true })
  await mkdir(mounted)
  for (const list of lists) {
    const known: string[] = []
    for (const name of list) if ((await command(inImage('apt-cache', 'show', name))).code === 0) known.push(name)
    await succeed(inImage('apt-get', 'install', '--download-only', '--yes', '--quiet', ...known), { timeout: 900 })
  }
  const downloads = join(root, 'var/cache/apt/archives')
  for (const name of await readdir(downloads))
    if (name.endsWith('.deb')) await rename(join(downloads, name), join(mounted, name))
  await describe(mounted)
  await rm(join(root, 'var/lib/apt/lists'), { recursive: true })
  await rm(join(root, 'etc/apt/sources.list'), { force: true })
  for (const name of await readdir(join(root, 'etc/apt/sources.list.d')))
    await rm(join(root, 'etc/apt/sources.list.d', name))
  await writeFile(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] file:${archiveMount} ./\n`)
  await succeed(inImage('apt-get', 'update', '--quiet'))
  await rename(mounted, archive)
  await mkdir(mounted)
}

/** Writes `Packages` (deb822, as in apt's repository format): each package's control data, and where its file is. */
export async function describe(archive: string): Promise<void> {
  const paragraphs: string[] = []
  for (const name of (await readdir(archive)).filter(name => name.endsWith('.deb')).sort()) {
    const file = join(archive, name)
    const bytes = await readFile(file)
    const fields = await succeed(['dpkg-deb', '--field', file])
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    paragraphs.push(`${fields.trimEnd()}\nFilename: ./${name}\nSize: ${bytes.length}\nSHA256: ${sha256}\n`)
  }
  await writeFile(join(archive, 'Packages'), paragraphs.join('\n'))
}
