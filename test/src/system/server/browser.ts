import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { addresses } from './network.js'
import { runDirectory } from './places.js'
import type { Server } from './server.js'

/** Chromium beside a server: every name below `example.test` is the server. @param trusts SHA-256 of keys, base64 */
export async function launchBeside(server: Server, trusts: readonly string[]): Promise<Browser> {
  const program = join(runDirectory(), `${server.name}-browser`)
  const chromiumPath = process.env.NUSA_CHROMIUM ?? '/usr/bin/chromium'
  await writeFile(program, `#!/bin/sh\nexec nsenter --net=${server.network} ${chromiumPath} "$@"\n`, { mode: 0o755 })
  return chromium.launch({
    executablePath: program,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      `--host-resolver-rules=MAP *.example.test ${addresses[4]}`,
      `--ignore-certificate-errors-spki-list=${trusts.join(',')}`,
    ],
  })
}
