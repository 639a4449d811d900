// Packages that differ from the one under test, to upgrade from and to.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { succeed } from './command.js'
import { packageUnderTest } from './installed.js'
import { checkout, runDirectory } from './places.js'
import { until } from './until.js'

const code = 'usr/lib/nusantara-panel'

/**
 * The package under test with another version, and with what `change` does to its tree.
 *
 * @returns path of the archive
 */
export async function variant(
  version: string,
  change: (code: string) => Promise<void> = async () => {},
): Promise<string> {
  const tree = await mkdtemp(join(runDirectory(), 'variant-'))
  try {
    await succeed(['dpkg-deb', '--raw-extract', packageUnderTest(), tree], { timeout: 120 })
    await edit(join(tree, 'DEBIAN/control'), text => text.replace(/^Version: .*$/m, `Version: ${version}`))
    await edit(join(tree, code, 'package.json'), text => JSON.stringify({ ...JSON.parse(text), version }))
    await change(join(tree, code))
    const file = `${tree}.deb`
    await succeed(['dpkg-deb', '--root-owner-group', '-Zgzip', '-z1', '--build', tree, file], { timeout: 120 })
    return file
  } finally {
    await rm(tree, { recursive: true, force: true })
  }
}

/** A module that fails as soon as it is loaded. */
export async function breakModule(file: string): Promise<void> {
  await edit(file, text => `throw new Error('broken on purpose')\n${text}`)
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')))
}

/** The package that the commit before this one makes, built once in a run. @returns path of the archive */
export async function previousPackage(): Promise<string> {
  const directory = join(runDirectory(), 'previous')
  const file = join(runDirectory(), 'previous.deb')
  // Who makes the directory makes the package; it has its name when it is whole.
  const claimed = await mkdir(directory).then(
    () => true,
    () => false,
  )
  if (claimed) await rename(await buildPrevious(directory), file)
  else await until('the package of the previous commit', () => existsSync(file), 600)
  return file
}

async function buildPrevious(directory: string): Promise<string> {
  const extract = 'git -C "$0" archive HEAD~1 | tar --extract --directory="$1"'
  await succeed(['sh', '-c', extract, checkout, directory], { timeout: 60 })
  for (const modules of ['node_modules', 'kernel/node_modules']) {
    if (existsSync(join(checkout, modules)))
      await succeed(['cp', '--archive', join(checkout, modules), join(directory, modules)], { timeout: 300 })
  }
  await succeed(
    ['node', join(directory, 'scripts/with-node.mjs'), 'scripts/package.mjs', '--version', '0.0.1~previous'],
    { timeout: 600, env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' } },
  )
  return join(directory, 'dist/nusantara-panel_0.0.1~previous_amd64.deb')
}
