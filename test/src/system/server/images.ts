// Base images: a whole Debian without the panel, made once a week and copied for each server.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadArchive } from './archive.js'
import { succeed } from './command.js'
import { archivePackages, basePackages, type Distribution } from './distribution.js'
import { cache } from './places.js'

const day = 86_400_000
/** Changes with whatever is done to an image beyond its packages. */
const recipe = 1

/** Where one image lies. */
export interface Image {
  readonly root: string
  /** Packages that apt finds in its servers, mounted at `/opt/archive`. */
  readonly archive: string
}

function imageDirectory({ suite }: Distribution): string {
  const mirror = process.env.NUSA_SYSTEM_MIRROR ?? ''
  const week = Math.floor(Date.now() / (7 * day))
  const ingredients = JSON.stringify([recipe, basePackages, archivePackages, mirror, week])
  return join(cache, `${suite}-${createHash('sha256').update(ingredients).digest('hex').slice(0, 16)}`)
}

/** The image of a distribution; makes it when there is none of this week. */
export async function baseImage(distribution: Distribution): Promise<Image> {
  const directory = imageDirectory(distribution)
  if (!existsSync(directory)) await make(distribution, directory)
  const now = new Date()
  await utimes(directory, now, now)
  await removeUnused(distribution)
  return { root: join(directory, 'root'), archive: join(directory, 'archive') }
}

/** Made aside and renamed: another run may make the same at the same time, and a killed one leaves no half of it. */
async function make(distribution: Distribution, directory: string): Promise<void> {
  process.stderr.write(`nusantara: making the image of ${distribution.name} (once a week, about two minutes)\n`)
  const building = `${directory}.${process.pid}`
  const root = join(building, 'root')
  await mkdir(building, { recursive: true })
  try {
    const mirror = process.env.NUSA_SYSTEM_MIRROR
    const include = `--include=${basePackages.join(',')}`
    const target = [distribution.suite, root, ...(mirror ? [mirror] : [])]
    // The hook keeps the lists of packages, which are needed once more.
    await succeed(['mmdebstrap', '--variant=minbase', include, '--skip=cleanup/apt', ...target], { timeout: 1200 })
    await downloadArchive(root, join(building, 'archive'), archivePackages)
    await mkdir(join(root, 'var/log/journal'), { recursive: true })
    await writeFile(join(root, 'etc/hostname'), 'server\n')
    await writeFile(
      join(root, 'etc/hosts'),
      '127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 server.example.test server\n',
    )
    await rename(building, directory).catch(error => {
      if (!existsSync(directory)) throw error
    })
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}

/** Those of earlier weeks and of other lists, and what a killed run began. */
async function removeUnused({ suite }: Distribution): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name)
    if (!name.startsWith(`${suite}-`)) continue
    const builder = /\.(\d+)$/.exec(name)?.[1]
    const abandoned = builder ? !existsSync(`/proc/${builder}`) : Date.now() - (await stat(path)).mtimeMs > 14 * day
    if (abandoned) await rm(path, { recursive: true, force: true })
  }
}
