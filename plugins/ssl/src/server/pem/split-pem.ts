/** One block of RFC 7468. */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string
  readonly der: Buffer
  /** The block alone, without what stood around it, lines ended by `\n`. */
  readonly pem: string
  /** Whether it is a key that needs a passphrase: PKCS #8 by its label, older forms by a header (RFC 1421 §4.6.1.1). */
  readonly encrypted: boolean
}

/** A certificate by its names of former times, as some authorities still write it. */
const formerLabels: Readonly<Record<string, string>> = { 'X509 CERTIFICATE': 'CERTIFICATE' }

/**
 * The blocks of a text in the order they stand. What stands between them (bag attributes, comments, remains of an
 * e-mail) is passed over, as are blocks without an end.
 */
export function splitPem(text: string): PemBlock[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const blocks: PemBlock[] = []
  let open: { label: string; from: number } | undefined
  for (const [index, line] of lines.entries()) {
    const [, edge, label = ''] = /^\s*-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----\s*$/.exec(line) ?? []
    if (edge === 'BEGIN') open = { label, from: index + 1 }
    if (edge !== 'END' || open?.label !== label) continue
    blocks.push(block(label, lines.slice(open.from, index)))
    open = undefined
  }
  return blocks
}

function block(label: string, lines: readonly string[]): PemBlock {
  const headers = lines.filter(line => line.includes(':'))
  const body = lines.filter(line => !line.includes(':')).map(line => line.trim())
  const known = formerLabels[label] ?? label
  const encrypted = label === 'ENCRYPTED PRIVATE KEY' || headers.some(line => /^Proc-Type:.*ENCRYPTED/.test(line))
  const der = Buffer.from(body.join(''), 'base64')
  return { label: known, der, pem: toPem(known, der), encrypted }
}

/** RFC 7468 §2: base64 in lines of 64 characters. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.map(line => `${line}\n`).join('')}-----END ${label}-----\n`
}
