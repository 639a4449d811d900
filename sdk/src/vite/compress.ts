import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)
const text = /\.(js|css|svg|json|html)$/

/** Writes `.br` and `.gz` beside every text file below the directory, so that the server compresses nothing at run time. */
export async function compressDirectory(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  await Promise.all(
    entries
      .filter(entry => entry.isFile() && text.test(entry.name))
      .map(async entry => {
        const file = join(entry.parentPath, entry.name)
        const bytes = await readFile(file)
        const quality = {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
        }
        await Promise.all([
          brotli(bytes, quality).then(small => writeFile(`${file}.br`, small)),
          zip(bytes, { level: 9 }).then(small => writeFile(`${file}.gz`, small)),
        ])
      }),
  )
}

export function compress(): Plugin {
  return {
    name: 'nusantara:compress',
    apply: 'build',
    async writeBundle(options) {
      if (options.dir) await compressDirectory(options.dir)
    },
  }
}
