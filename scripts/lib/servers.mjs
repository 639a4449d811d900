// Whole Debian servers for a script: what they need on this machine, and that nothing of them is left.
import { rm } from 'node:fs/promises'
import { makePackage } from '../package.mjs'

/** Why servers cannot be booted by this user; undefined where they can. */
export function refusal() {
  return process.getuid() === 0
    ? undefined
    : 'whole servers are booted, which only root may: run this as root on Debian'
}

/**
 * Makes the package and the distributions' images and calls `work(file)`. What a run makes lies in `runDirectory()` and is
 * gone afterwards, however the work ends, with its servers; so is what a run that was killed has left. To be called once
 * everything is built.
 *
 * `NUSA_SYSTEM_PACKAGE` names a package that was built before.
 */
export async function withServers(distributions, work) {
  const [{ baseImage }, { removeLeftovers }, { runDirectory }, { Server }] = await Promise.all(
    ['images', 'leftovers', 'places', 'server'].map(name => import(`../../test/dist/system/server/${name}.js`)),
  )
  await removeLeftovers()
  const directory = runDirectory()
  try {
    const [file] = await Promise.all([
      process.env.NUSA_SYSTEM_PACKAGE ?? makePackage({ directory }),
      ...distributions.map(baseImage),
    ])
    return await work(file)
  } finally {
    for (const server of Server.all) await server.remove()
    // Also what a process of this run that was killed could not end by itself.
    await removeLeftovers()
    await rm(directory, { recursive: true, force: true })
  }
}
