import { readFile } from 'node:fs/promises'
import type { ServerOptions } from 'node:https'
import { join } from 'node:path'
import { TlsUnreadable } from './errors.js'

/** Times in milliseconds (SECURITY, "Server"). */
export const serverLimits = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 16_384,
} as const satisfies ServerOptions

/** What of these an unencrypted server takes after it was made. */
export const frontLimits = {
  headersTimeout: serverLimits.headersTimeout,
  requestTimeout: serverLimits.requestTimeout,
  keepAliveTimeout: serverLimits.keepAliveTimeout,
} as const

/**
 * The panel's own key and certificate, PEM: `tls-key.pem` and `tls-cert.pem` of the state directory; a key given as a systemd credential of
 * that name comes first.
 *
 * @throws TlsUnreadable
 */
export async function readTls(home: string): Promise<{ readonly key: Buffer; readonly cert: Buffer }> {
  const credentials = process.env.CREDENTIALS_DIRECTORY
  const key =
    (credentials && (await readIfPresent(join(credentials, 'tls-key.pem')))) || (await read(join(home, 'tls-key.pem')))
  return { key, cert: await read(join(home, 'tls-cert.pem')) }
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw TlsUnreadable({ file, reason: (error as NodeJS.ErrnoException).code ?? 'unreadable' }, { cause: error })
  }
}

async function readIfPresent(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw TlsUnreadable({ file, reason: error.code ?? 'unreadable' }, { cause: error })
  })
}
