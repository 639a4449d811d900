// What dns-packet leaves out: the class NONE, the opcode UPDATE, and where in a message a record stands.
import { newId } from './message.js'
import { plainName } from './names.js'

const types = { soa: 6, txt: 16 }
const classes = { internet: 1, none: 254 }
const opcodeUpdate = 5

/** Uncompressed and in lower case, the canonical form of RFC 4034 §6.2. */
export function nameBytes(name: string): Buffer {
  const labels = plainName(name).split('.')
  const parts = labels.flatMap(label => {
    const bytes = Buffer.from(label)
    if (bytes.length < 1 || bytes.length > 63) throw new RangeError(`'${name}' is no domain name`)
    return [Buffer.of(bytes.length), bytes]
  })
  return Buffer.concat([...parts, Buffer.of(0)])
}

export function sixteenBits(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export interface TxtUpdate {
  readonly zone: string
  readonly name: string
  readonly value: string
  readonly change: 'add' | 'remove'
}

/**
 * A dynamic update of one TXT record (RFC 2136 §2). Adding leaves the records beside it alone and one that is there as it
 * is (§2.5.1, §3.4.2.2); removing takes this value alone (§2.5.4).
 */
export function updateMessage({ zone, name, value, change }: TxtUpdate): Buffer {
  const text = Buffer.from(value)
  const data = Buffer.concat([Buffer.of(text.length), text])
  if (text.length > 255) throw new RangeError('a string of a TXT record holds 255 bytes')
  const ttl = Buffer.alloc(4)
  if (change === 'add') ttl.writeUInt32BE(60)
  return Buffer.concat([
    ...[newId(), opcodeUpdate << 11, 1, 0, 1, 0].map(sixteenBits),
    ...[nameBytes(zone), sixteenBits(types.soa), sixteenBits(classes.internet)],
    ...[nameBytes(name), sixteenBits(types.txt), sixteenBits(change === 'add' ? classes.internet : classes.none)],
    ...[ttl, sixteenBits(data.length), data],
  ])
}

export interface PlacedRecord {
  readonly start: number
  readonly end: number
  readonly type: number
  readonly class: number
  readonly ttl: number
}

/** Where the last record of a message stands; undefined when it has none. @throws RangeError for a broken message */
export function lastRecord(message: Buffer): PlacedRecord | undefined {
  const [questions, ...records] = [4, 6, 8, 10].map(place => message.readUInt16BE(place))
  let offset = 12
  for (let left = questions ?? 0; left > 0; left--) offset = afterName(message, offset) + 4
  let last: PlacedRecord | undefined
  for (let left = records.reduce((sum, count) => sum + count, 0); left > 0; left--) {
    const head = afterName(message, offset)
    const end = head + 10 + message.readUInt16BE(head + 8)
    last = {
      start: offset,
      end,
      type: message.readUInt16BE(head),
      class: message.readUInt16BE(head + 2),
      ttl: message.readUInt32BE(head + 4),
    }
    offset = end
  }
  return last
}

function afterName(message: Buffer, start: number): number {
  let offset = start
  for (;;) {
    const length = message.readUInt8(offset)
    if (length >= 0xc0) return offset + 2
    offset += length + 1
    if (length === 0) return offset
  }
}
