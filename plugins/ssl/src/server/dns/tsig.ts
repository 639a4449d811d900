import { createHmac, timingSafeEqual } from 'node:crypto'
import { decode } from 'dns-packet'
import { plainName } from './names.js'
import { lastRecord, nameBytes, sixteenBits } from './wire.js'

export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512'

/** A secret that this machine and a DNS server share. */
export interface TsigKey {
  readonly name: string
  readonly algorithm: TsigAlgorithm
  /** Base64, as key files have it. */
  readonly secret: string
}

export interface Signed {
  readonly message: Buffer
  /** What the signature of the answer is bound to. */
  readonly mac: Buffer
}

/**
 * What the signature of an answer proves. `unsigned`: nothing. `forged`: made without the key, or for another request.
 * `stale`: ours, but not of now. The others are what the server says about the request.
 */
export type Verdict =
  | { readonly is: 'genuine' | 'unsigned' | 'forged' | 'stale' | 'key_unknown' | 'key_wrong' }
  | { readonly is: 'clocks_apart'; readonly serverSeconds: number }

/** How far the clocks may be apart, in seconds: what RFC 8945 §10 recommends. */
const fudge = 300
const typeTsig = 250
const classAny = 255
/** RFC 8945 §3. */
const errors = { signature: 16, key: 17, time: 18 }

/** Appends the TSIG record (RFC 8945 §4.2, §5.1). @param seconds now, since 1970 */
export function signMessage(message: Buffer, key: TsigKey, seconds: number): Signed {
  const timers = { seconds, fudge, error: 0, other: Buffer.alloc(0) }
  const mac = digest(key, [message, variables(key, timers)])
  const data = Buffer.concat([
    nameBytes(key.algorithm),
    timeBytes(timers),
    sixteenBits(mac.length),
    mac,
    message.subarray(0, 2),
    errorBytes(timers),
  ])
  const record = Buffer.concat([...recordHead(key), sixteenBits(data.length), data])
  return { message: Buffer.concat([withAdditionals(message, 1), record]), mac }
}

/**
 * Checks the TSIG record of an answer (RFC 8945 §5.3): the signature before what it says, the time last.
 *
 * @param requestMac of the request that it answers
 * @param seconds now, since 1970
 */
export function checkAnswer(answer: Buffer, key: TsigKey, requestMac: Buffer, seconds: number): Verdict {
  try {
    return verdict(answer, key, requestMac, seconds)
  } catch {
    // Lengths that lead beyond the end.
    return { is: 'forged' }
  }
}

function verdict(answer: Buffer, key: TsigKey, requestMac: Buffer, seconds: number): Verdict {
  const last = answer.readUInt16BE(10) > 0 ? lastRecord(answer) : undefined
  if (last?.type !== typeTsig) return { is: 'unsigned' }
  const record = readRecord(answer, key)
  const proper = last.end === answer.length && last.class === classAny && last.ttl === 0
  if (!record || !proper) return { is: 'forged' }
  // About a key that does not fit nothing can be signed.
  if (record.error === errors.key) return { is: 'key_unknown' }
  if (record.error === errors.signature) return { is: 'key_wrong' }
  const signed = withAdditionals(answer.subarray(0, last.start), -1)
  signed.writeUInt16BE(record.originalId, 0)
  const mac = digest(key, [sixteenBits(requestMac.length), requestMac, signed, variables(key, record)])
  if (mac.length !== record.mac.length || !timingSafeEqual(mac, record.mac)) return { is: 'forged' }
  if (record.error === errors.time) return { is: 'clocks_apart', serverSeconds: record.other.readUIntBE(0, 6) }
  if (record.error !== 0) return { is: 'key_wrong' }
  return { is: Math.abs(record.seconds - seconds) > record.fudge ? 'stale' : 'genuine' }
}

interface Timers {
  readonly seconds: number
  readonly fudge: number
  readonly error: number
  readonly other: Buffer
}

interface TsigRecord extends Timers {
  readonly mac: Buffer
  readonly originalId: number
}

/** Undefined when it is of another key, or its lengths do not add up. */
function readRecord(answer: Buffer, key: TsigKey): TsigRecord | undefined {
  const record = decode(answer).additionals?.at(-1)
  const data = record && 'data' in record && Buffer.isBuffer(record.data) ? record.data : Buffer.alloc(0)
  const algorithm = nameBytes(key.algorithm)
  const named = data.subarray(0, algorithm.length).toString('latin1').toLowerCase()
  if (!record || plainName(record.name) !== plainName(key.name) || named !== algorithm.toString('latin1'))
    return undefined
  const time = algorithm.length
  const mac = time + 10
  const id = mac + data.readUInt16BE(time + 8)
  const end = id + 6 + data.readUInt16BE(id + 4)
  if (end !== data.length) return undefined
  return {
    seconds: data.readUIntBE(time, 6),
    fudge: data.readUInt16BE(time + 6),
    mac: data.subarray(mac, id),
    originalId: data.readUInt16BE(id),
    error: data.readUInt16BE(id + 2),
    other: data.subarray(id + 6, end),
  }
}

/** What is signed besides the message (RFC 8945 §4.3.3). */
function variables(key: TsigKey, timers: Timers): Buffer {
  return Buffer.concat([
    nameBytes(key.name),
    sixteenBits(classAny),
    Buffer.alloc(4),
    nameBytes(key.algorithm),
    timeBytes(timers),
    errorBytes(timers),
  ])
}

function recordHead(key: TsigKey): readonly Buffer[] {
  return [nameBytes(key.name), sixteenBits(typeTsig), sixteenBits(classAny), Buffer.alloc(4)]
}

function timeBytes(timers: Timers): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUIntBE(timers.seconds, 0, 6)
  bytes.writeUInt16BE(timers.fudge, 6)
  return bytes
}

function errorBytes({ error, other }: Timers): Buffer {
  return Buffer.concat([sixteenBits(error), sixteenBits(other.length), other])
}

function digest(key: TsigKey, parts: readonly Buffer[]): Buffer {
  const hmac = createHmac(key.algorithm.slice('hmac-'.length), Buffer.from(key.secret, 'base64'))
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** A copy that counts so many more additional records. */
function withAdditionals(message: Buffer, more: number): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(copy.readUInt16BE(10) + more, 10)
  return copy
}
