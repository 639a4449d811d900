import { isIP } from 'node:net'
import type { CertificateSubject } from '@nusantara/sdk'
import { fixedEnvironment } from '../command.js'
import { OperationUnavailable, ParamInvalid, SigningFailed } from '../errors.js'
import { hostname, Refused } from '../formats/derivation.js'
import { runProcess } from '../operations/process.js'
import { exists } from '../policy/versions.js'

const openssl = '/usr/bin/openssl'
const timeoutMs = 30_000
/** No certificate has more (Let's Encrypt: 100). */
const most = 100

/** Names and addresses as they stand in a certificate. @throws param_invalid */
export function subjectAltName({ names, addresses }: Required<CertificateSubject>): string {
  if (names.length + addresses.length === 0) throw ParamInvalid({ param: 'names', reason: 'must not be empty' })
  if (names.length + addresses.length > most) throw ParamInvalid({ param: 'names', reason: `must be at most ${most}` })
  const hosts = names.map(name => {
    try {
      return `DNS:${hostname(name, true)}`
    } catch (error) {
      if (error instanceof Refused) throw ParamInvalid({ param: 'names', reason: error.message })
      throw error
    }
  })
  const numbers = addresses.map(address => {
    if (!isIP(address) || address.includes('%'))
      throw ParamInvalid({ param: 'addresses', reason: 'must be IPv4 or IPv6 addresses' })
    return `IP:${address}`
  })
  return [...hosts, ...numbers].join(',')
}

/** What signs with keys on behalf of those who never see them: openssl(1), given nothing but their file and the names. */
export class Signing {
  constructor(private readonly mark: string) {}

  /** PKCS#10, DER in base64. @throws signing_failed, operation_unavailable */
  request(keyFile: string, subject: Required<CertificateSubject>): Promise<string> {
    return this.#run('CERTIFICATE REQUEST', keyFile, ['-addext', `subjectAltName=${subjectAltName(subject)}`])
  }

  /** X.509 for servers, DER in base64. @throws signing_failed, operation_unavailable */
  selfSigned(keyFile: string, subject: Required<CertificateSubject>, days: number): Promise<string> {
    return this.#run('CERTIFICATE', keyFile, [
      '-x509',
      '-sha256',
      '-days',
      String(days),
      '-addext',
      // Without a subject the names are critical (RFC 5280 §4.2.1.6).
      `subjectAltName=critical,${subjectAltName(subject)}`,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-addext',
      'keyUsage=critical,digitalSignature',
      '-addext',
      'extendedKeyUsage=serverAuth',
    ])
  }

  async #run(label: string, keyFile: string, more: readonly string[]): Promise<string> {
    if (!exists(openssl)) throw OperationUnavailable({ operation: 'csr.create', bin: openssl })
    const argv = ['req', '-new', '-config', '/dev/null', '-key', keyFile, '-subj', '/', ...more]
    const { result } = await runProcess(
      { file: openssl, argv },
      {
        name: 'csr.create',
        broker: this.mark,
        cwd: '/',
        env: fixedEnvironment,
        timeoutMs,
        maxOutput: 64 * 1024,
        signal: new AbortController().signal,
      },
    )
    const body = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(result.stdout)
    if (result.exitCode !== 0 || !body?.[1]) {
      const key = keyFile.split('/').at(-1) ?? ''
      throw SigningFailed({ key, output: result.stderr.slice(-500) })
    }
    return body[1].replaceAll(/\s/g, '')
  }
}
