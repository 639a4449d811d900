// Servers with something installed. Each kind is installed once and copied for whoever asks next.
import { existsSync } from 'node:fs'
import { readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { debian } from './distribution.js'
import { baseImage, type Image } from './images.js'
import { runDirectory } from './places.js'
import { Server } from './server.js'
import { until } from './until.js'

/** Where a server finds the package under test. */
export const packageFile = '/root/nusantara-panel.deb'

/** What the package depends on and recommends beyond a base image. */
const recommended = ['nginx-light', 'php-fpm', 'logrotate']

/** The package under test on this machine: `NUSA_SYSTEM_PACKAGE`, set by `npm run test:system`. */
export function packageUnderTest(): string {
  const file = process.env.NUSA_SYSTEM_PACKAGE
  if (!file) throw new Error('NUSA_SYSTEM_PACKAGE names no package; run `npm run test:system`')
  return file
}

/** Installs the package with what it recommends. @returns what apt printed */
export async function install(server: Server, file = packageUnderTest()): Promise<string> {
  await server.put(file, packageFile)
  return server.ok(['apt-get', 'install', '--yes', packageFile], { timeout: 600 })
}

/** A server with the distribution's own web server and PHP, and nothing of the panel. */
export async function bootStack(): Promise<Server> {
  const image = await baseImage(debian)
  return Server.bootFrom(await stackOf(image), image.archive)
}

/** A server with the package and all that it recommends: with the same users, keys and certificates for all who ask in a run. */
export async function bootInstalled(): Promise<Server> {
  const { archive } = await baseImage(debian)
  const image = join(runDirectory(), `installed-${debian.suite}`)
  await once(image, bootStack, async server => {
    await install(server)
  })
  return Server.bootFrom(image, archive)
}

/** Kept beside the image it was made of, and as long. */
async function stackOf({ root, archive }: Image): Promise<string> {
  const image = `${root}-with-${recommended.join('-')}`
  const boot = () => Server.bootFrom(root, archive)
  await once(image, boot, async server => {
    await server.ok(['apt-get', 'install', '--yes', ...recommended], { timeout: 600 })
  })
  return image
}

/** Makes an image unless it is there or somebody else is about to; it has its name when it is whole. */
async function once(
  image: string,
  boot: () => Promise<Server>,
  prepare: (server: Server) => Promise<void>,
): Promise<void> {
  const claim = `${image}.claim`
  const state = async () => (existsSync(image) ? 'made' : (await claimed(claim)) && 'mine')
  if ((await until(`the image ${image}`, state, 900)) === 'made') return
  try {
    if (!existsSync(image)) await make(image, boot, prepare)
  } finally {
    await rm(claim, { force: true })
  }
}

async function make(image: string, boot: () => Promise<Server>, prepare: (server: Server) => Promise<void>) {
  const server = await boot()
  try {
    await prepare(server)
    await server.stop()
    await rename(server.root, image).catch(error => {
      if (!existsSync(image)) throw error
    })
  } finally {
    await server.remove()
  }
}

/** Whether this process has it to itself now. What a process that is gone claimed is free. */
async function claimed(claim: string): Promise<boolean> {
  try {
    await symlink(String(process.pid), claim)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const owner = await readlink(claim).catch(() => undefined)
  if (owner && !existsSync(`/proc/${owner}`)) await rm(claim, { force: true })
  return false
}
