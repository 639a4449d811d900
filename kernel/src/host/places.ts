import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The kernel's folder. Nothing else asks where its own module stands: the package bundles modules, and this holds for a
 * module here as well as for a bundle in any folder of `kernel/dist`.
 */
const kernel = fileURLToPath(new URL('../../', import.meta.url))

/** The checkout or the package: the folder with `kernel`, `plugins` and `ui-shell`. */
export const codeRoot = resolve(kernel, '..')

/** A program or thread of the kernel by its path below `kernel/dist`. */
export function programFile(path: string): string {
  return resolve(kernel, 'dist', path)
}

/** Texts of the kernel, `<area>.<language>.json`. */
export const localesDirectory = resolve(kernel, 'locales')

const manifest = JSON.parse(readFileSync(resolve(kernel, 'package.json'), 'utf8')) as { readonly version: string }

/** Of the kernel that runs: an upgrade may have laid out another one meanwhile. */
export const kernelVersion = manifest.version
