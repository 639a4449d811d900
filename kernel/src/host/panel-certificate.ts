import { X509Certificate as NodeCertificate } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { ownNames } from './own-names.js'

const validDays = 365
const renewDays = 30
const day = 86_400_000

/** PEM files of the panel's own certificate below the state directory. */
export function certificateFiles(home: string): { readonly key: string; readonly cert: string } {
  return { key: join(home, 'tls-key.pem'), cert: join(home, 'tls-cert.pem') }
}

/**
 * Makes a self-signed certificate for the panel when there is none, or when it ends within 30 days or lacks a name.
 * Covers localhost, this machine's name and addresses, and the configured hosts.
 */
export async function ensurePanelCertificate(home: string, hosts: readonly string[]): Promise<void> {
  const files = certificateFiles(home)
  const names = certificateNames(hosts)
  if (await stillGood(files, [...names.filter(name => !isIP(name)), ...hosts])) return
  const { key, cert } = await makeCertificate(names)
  await writeFile(`${files.key}.new`, key, { mode: 0o600 })
  await writeFile(`${files.cert}.new`, cert, { mode: 0o644 })
  await rename(`${files.key}.new`, files.key)
  await rename(`${files.cert}.new`, files.cert)
}

/** Whether the certificate is for the name or the address. */
export function covers(certificate: NodeCertificate, host: string): boolean {
  return (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined
}

function certificateNames(hosts: readonly string[]): string[] {
  const own = Object.values(networkInterfaces()).flatMap(list =>
    (list ?? []).map(each => each.address.replace(/%.*/, '')),
  )
  return [...new Set(['localhost', ...ownNames(), '127.0.0.1', '::1', ...own, ...hosts])]
}

/** @param names addresses of the machine are not among them: they come and go with the network */
async function stillGood(files: { key: string; cert: string }, names: readonly string[]): Promise<boolean> {
  try {
    const [cert] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
    const parsed = new NodeCertificate(cert)
    if (Date.parse(parsed.validTo) - Date.now() < renewDays * day) return false
    return names.every(name => covers(parsed, name))
  } catch {
    return false
  }
}

async function makeCertificate(names: readonly string[]): Promise<{ key: string; cert: string }> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Nusantara Panel',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + validDays * day),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map(name => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
      ),
    ],
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const body = pkcs8.toString('base64').replace(/(.{64})/g, '$1\n')
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
    cert: `${certificate.toString('pem')}\n`,
  }
}
