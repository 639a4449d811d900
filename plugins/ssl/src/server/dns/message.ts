import { randomInt } from 'node:crypto'
import { decode, encode, RECURSION_DESIRED } from 'dns-packet'
import { plainName } from './names.js'
import { NoAnswer } from './transport.js'

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'SOA' | 'TXT'

export interface Question {
  readonly name: string
  readonly type: RecordType
}

export interface DnsRecord {
  readonly name: string
  readonly type: string
  /** A name or an address for the types that hold one, the joined text of a TXT, else empty. */
  readonly data: string
}

export interface Answer {
  readonly id: number
  /** `NOERROR`, `NXDOMAIN`, … */
  readonly rcode: string
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly questions: readonly { readonly name: string; readonly type: string }[]
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
}

export function newId(): number {
  return randomInt(0x1_0000)
}

export function query({ name, type }: Question, recursive: boolean): Buffer {
  return encode({ type: 'query', id: newId(), flags: recursive ? RECURSION_DESIRED : 0, questions: [{ name, type }] })
}

/** RFC 1035 §4.1.1 and RFC 2136 §2.2. */
const rcodes = [
  ...['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'],
  ...['YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE'],
]

/** @throws NoAnswer for what is no answer */
export function readAnswer(bytes: Buffer): Answer {
  try {
    const packet = decode(bytes)
    if (!packet.flag_qr) throw new NoAnswer('EBADMSG')
    const code = bytes.readUInt8(3) & 15
    return {
      id: bytes.readUInt16BE(0),
      rcode: rcodes[code] ?? `RCODE${code}`,
      authoritative: packet.flag_aa,
      truncated: packet.flag_tc,
      questions: (packet.questions ?? []).map(({ name, type }) => ({ name: plainName(name), type })),
      answers: (packet.answers ?? []).map(shorten),
      authorities: (packet.authorities ?? []).map(shorten),
    }
  } catch {
    throw new NoAnswer('EBADMSG')
  }
}

function shorten(record: { name: string; type: string; data?: unknown }): DnsRecord {
  return { name: plainName(record.name), type: record.type, data: text(record.type, record.data) }
}

function text(type: string, data: unknown): string {
  if (type === 'TXT') return Buffer.concat(data as Buffer[]).toString('latin1')
  return typeof data === 'string' ? plainName(data) : ''
}
