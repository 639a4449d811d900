interface Element {
  readonly tag: number
  readonly content: Buffer
  readonly rest: Buffer
}

/** The parts of a certificate that Node shows in no exact form (RFC 5280 §4.1). */
export interface DerParts {
  /** Content bytes of the serial number's INTEGER, leading zero included. */
  readonly serial: Buffer
  /** Dotted object identifier of the algorithm that signed it. */
  readonly signatureOid: string
}

/** @throws RangeError when the bytes are no certificate */
export function derParts(certificate: Buffer): DerParts {
  const tbs = read(read(certificate).content)
  const first = read(tbs.content)
  // [0] EXPLICIT version, absent in version 1
  const serial = first.tag === 0xa0 ? read(first.rest) : first
  return { serial: serial.content, signatureOid: objectIdentifier(read(read(tbs.rest).content).content) }
}

function read(bytes: Buffer): Element {
  const tag = bytes.readUInt8(0)
  const short = bytes.readUInt8(1)
  const octets = short < 0x80 ? 0 : short & 0x7f
  const length = octets === 0 ? short : bytes.readUIntBE(2, octets)
  const from = 2 + octets
  if (from + length > bytes.length) throw new RangeError('DER ends in the middle of an element')
  return { tag, content: bytes.subarray(from, from + length), rest: bytes.subarray(from + length) }
}

function objectIdentifier(bytes: Buffer): string {
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of bytes) {
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (byte & 0x80) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...others] = arcs
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...others].join('.')
}
