import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** PEM of both. */
export interface SelfSigned {
  readonly certificate: string
  readonly key: string
}

/** A certificate that vouches for itself, by openssl(1). @param names as in its subjectAltName: `DNS:example.test` */
export async function selfSigned(names: readonly string[]): Promise<SelfSigned> {
  const directory = await mkdtemp(join(tmpdir(), 'nusa-self-signed-'))
  const [key, certificate] = ['key.pem', 'certificate.pem'].map(name => join(directory, name)) as [string, string]
  try {
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'],
      ...['-subj', '/CN=self', '-addext', `subjectAltName=${names.join(',')}`, '-keyout', key, '-out', certificate],
    ])
    return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') }
  } finally {
    await rm(directory, { recursive: true })
  }
}
