import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { decode } from 'dns-packet'
import fc from 'fast-check'
import { checkAnswer, signMessage, type TsigAlgorithm, type TsigKey } from './tsig.js'
import { lastRecord, nameBytes, sixteenBits, updateMessage } from './wire.js'

const sizes: Record<TsigAlgorithm, number> = { 'hmac-sha256': 32, 'hmac-sha384': 48, 'hmac-sha512': 64 }
const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/)
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map(labels => labels.join('.'))
const key: fc.Arbitrary<TsigKey> = fc.record({
  name,
  algorithm: fc.constantFrom(...(Object.keys(sizes) as TsigAlgorithm[])),
  secret: fc.uint8Array({ minLength: 16, maxLength: 64 }).map(bytes => Buffer.from(bytes).toString('base64')),
})
const update = fc
  .record({
    zone: name,
    name,
    value: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    change: fc.constantFrom('add', 'remove'),
  })
  .map(fields => updateMessage(fields as Parameters<typeof updateMessage>[0]))
const seconds = fc.integer({ min: 1_600_000_000, max: 2 ** 40 })

/** As a server that holds the key signs, written from RFC 8945 a second time: the first answer after `requestMac`. */
function answerTo(
  request: Buffer,
  { name, algorithm, secret }: TsigKey,
  requestMac: Buffer,
  time: number,
  { error = 0, other = Buffer.alloc(0), fudge = 300 } = {},
): Buffer {
  const message = Buffer.from(request)
  message.writeUInt16BE(message.readUInt16BE(2) | 0x8000, 2)
  const clock = Buffer.alloc(8)
  clock.writeUIntBE(time, 0, 6)
  clock.writeUInt16BE(fudge, 6)
  const end = Buffer.concat([sixteenBits(error), sixteenBits(other.length), other])
  const [owner, method] = [nameBytes(name), nameBytes(algorithm)]
  const anyClassNoTtl = Buffer.of(0, 255, 0, 0, 0, 0)
  const mac = createHmac(algorithm.slice(5), Buffer.from(secret, 'base64'))
    .update(
      Buffer.concat([sixteenBits(requestMac.length), requestMac, message, owner, anyClassNoTtl, method, clock, end]),
    )
    .digest()
  const data = Buffer.concat([method, clock, sixteenBits(mac.length), mac, message.subarray(0, 2), end])
  message.writeUInt16BE(message.readUInt16BE(10) + 1, 10)
  return Buffer.concat([message, owner, Buffer.of(0, 250), anyClassNoTtl, sixteenBits(data.length), data])
}

describe('TSIG', () => {
  it('appends one record to the message, and changes nothing but the count', () => {
    fc.assert(
      fc.property(update, key, seconds, (message, key, time) => {
        const { message: signed, mac } = signMessage(message, key, time)
        const last = lastRecord(signed)
        expect(last).to.include({ start: message.length, end: signed.length, type: 250, class: 255 })
        const kept = Buffer.from(signed.subarray(0, message.length))
        kept.writeUInt16BE(0, 10)
        expect(kept.equals(message)).to.equal(true)
        expect(mac.length).to.equal(sizes[key.algorithm])
        expect(decode(signed).additionals?.map(({ type, name }) => [type, name])).to.deep.equal([['TSIG', key.name]])
      }),
    )
  })

  it('holds neither the secret nor its base64', () => {
    fc.assert(
      fc.property(update, key, seconds, (message, key, time) => {
        const { message: signed } = signMessage(message, key, time)
        expect(signed.includes(Buffer.from(key.secret, 'base64'))).to.equal(false)
        expect(signed.includes(key.secret)).to.equal(false)
      }),
    )
  })

  it('takes an answer that the key signed for this request, within five minutes', () => {
    fc.assert(
      fc.property(update, key, seconds, fc.integer({ min: -300, max: 300 }), (message, key, time, apart) => {
        const { mac } = signMessage(message, key, time)
        const answer = answerTo(message, key, mac, time + apart)
        expect(checkAnswer(answer, key, mac, time)).to.deep.equal({ is: 'genuine' })
      }),
    )
  })

  it('does not mind in which case the name of the key is written', () => {
    const named: TsigKey = { name: 'Panel.Example.TEST.', algorithm: 'hmac-sha256', secret: 'c2VjcmV0c2VjcmV0c2VjcmV0' }
    const message = updateMessage({ zone: 'a.test', name: 'b.a.test', value: 'v', change: 'add' })
    const { mac } = signMessage(message, named, 2e9)
    const answer = answerTo(message, { ...named, name: 'panel.example.test' }, mac, 2e9)
    expect(checkAnswer(answer, named, mac, 2e9)).to.deep.equal({ is: 'genuine' })
  })

  it('takes none in which a bit is another', () => {
    fc.assert(
      fc.property(update, key, seconds, fc.nat(), (message, key, time, place) => {
        const { mac } = signMessage(message, key, time)
        const answer = answerTo(message, key, mac, time)
        const bit = place % (answer.length * 8)
        answer.writeUInt8(answer.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        // The identifier is signed as the record repeats it; whoever reads the answer compares the other one.
        if (bit >> 3 < 2) return
        // The case of letters in a name is not signed.
        const verdict = checkAnswer(answer, key, mac, time).is
        if (verdict === 'genuine') expect(sameButCase(answer, answerTo(message, key, mac, time))).to.equal(true)
      }),
      { numRuns: 500 },
    )
  })

  it('takes none that is cut off, goes on, or answers another request', () => {
    fc.assert(
      fc.property(update, key, seconds, fc.nat(), (message, key, time, length) => {
        const { mac } = signMessage(message, key, time)
        const answer = answerTo(message, key, mac, time)
        expect(checkAnswer(answer.subarray(0, length % answer.length), key, mac, time).is).to.equal('forged')
        expect(checkAnswer(Buffer.concat([answer, Buffer.of(0)]), key, mac, time).is).to.equal('forged')
        expect(checkAnswer(answer, key, Buffer.alloc(mac.length), time).is).to.equal('forged')
      }),
    )
  })

  it('reads bytes of any kind without an exception, and takes none of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), key, (bytes, key) => {
        const { is } = checkAnswer(Buffer.from(bytes), key, Buffer.alloc(32), 2e9)
        expect(is).to.be.oneOf(['forged', 'unsigned'])
      }),
    )
  })

  const shared: TsigKey = { name: 'panel', algorithm: 'hmac-sha512', secret: Buffer.alloc(64, 7).toString('base64') }
  const message = updateMessage({ zone: 'a.test', name: 'b.a.test', value: 'v', change: 'add' })
  const { mac } = signMessage(message, shared, 2e9)

  it('tells an old answer from a forged one', () => {
    expect(checkAnswer(answerTo(message, shared, mac, 2e9 - 301), shared, mac, 2e9).is).to.equal('stale')
    const other = { ...shared, secret: Buffer.alloc(64, 8).toString('base64') }
    expect(checkAnswer(answerTo(message, other, mac, 2e9), shared, mac, 2e9).is).to.equal('forged')
    expect(checkAnswer(message, shared, mac, 2e9).is).to.equal('unsigned')
  })

  it("believes the server's clock only when that is signed", () => {
    const other = Buffer.alloc(6)
    other.writeUIntBE(2e9 + 4000, 0, 6)
    const answer = answerTo(message, shared, mac, 2e9, { error: 18, other })
    expect(checkAnswer(answer, shared, mac, 2e9)).to.deep.equal({ is: 'clocks_apart', serverSeconds: 2e9 + 4000 })
    answer.writeUInt8(answer.readUInt8(answer.length - 1) ^ 1, answer.length - 1)
    expect(checkAnswer(answer, shared, mac, 2e9).is).to.equal('forged')
  })
})

function sameButCase(one: Buffer, two: Buffer): boolean {
  return one.toString('latin1').toLowerCase() === two.toString('latin1').toLowerCase()
}
