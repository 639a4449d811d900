import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { debian } from './distribution.js'
import { baseImage } from './images.js'
import { runDirectory } from './places.js'
import { Server } from './server.js'
import { until } from './until.js'

/** Where a server finds the package under test. */
export const packageFile = '/root/nusantara-panel.deb'

/** The package under test on this machine: `NUSA_SYSTEM_PACKAGE`, set by `npm run test:system`. */
export function packageUnderTest(): string {
  const file = process.env.NUSA_SYSTEM_PACKAGE
  if (!file) throw new Error('NUSA_SYSTEM_PACKAGE names no package; run `npm run test:system`')
  return file
}

/** Installs the package with what it recommends. @returns what apt printed */
export async function install(server: Server): Promise<string> {
  await server.put(packageUnderTest(), packageFile)
  return server.ok(['apt-get', 'install', '--yes', packageFile], { timeout: 600 })
}

/**
 * A server with the package and all that it recommends. The first who asks in a run installs it; the others get a copy
 * of that server's file system, with the same users, keys and certificates.
 */
export async function bootInstalled(): Promise<Server> {
  const image = await baseImage(debian)
  return Server.bootFrom(await installedImage(), image.archive)
}

async function installedImage(): Promise<string> {
  const image = join(runDirectory(), `installed-${debian.suite}`)
  // Who makes the directory makes the image; it has its name when it is whole.
  const claim = `${image}.making`
  await until(
    'the image of a server with the panel',
    async () => existsSync(image) || (await mkdir(claim).then(() => make(image, claim))),
    300,
  )
  return image
}

async function make(image: string, claim: string): Promise<true> {
  try {
    const server = await Server.boot()
    try {
      await install(server)
      await server.stop()
      await rename(server.root, image)
    } finally {
      await server.remove()
    }
  } catch (error) {
    await rm(claim, { recursive: true })
    throw error
  }
  return true
}
