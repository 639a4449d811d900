import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import { ask } from './ask.js'
import type { Rfc2136Config } from './config.js'
import { providerOf } from './provider.js'
import { Resolver } from './resolver.js'
import { freePort, type Named, startNamed } from './testing/named.js'
import { refusal } from './testing/refusal.js'
import type { TsigAlgorithm, TsigKey } from './tsig.js'

const signal = new AbortController().signal
const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const key: TsigKey = { name: 'panel.example.test', algorithm: 'hmac-sha256', secret: secret(1) }
const stranger: TsigKey = { name: 'stranger', algorithm: 'hmac-sha256', secret: secret(2) }
const others = (['hmac-sha384', 'hmac-sha512'] as const).map(algorithm => ({
  name: algorithm,
  algorithm,
  secret: secret(3),
}))

describe('dynamic updates, with a real name server', () => {
  let named: Named
  let resolver: Resolver
  before(async () => {
    named = await startNamed(
      {
        'example.test': {
          records: [
            '@ NS ns1',
            'ns1 A 127.0.0.1',
            '_acme-challenge.shop CNAME shop.acme.test.',
            '_acme-challenge.stray CNAME stray.elsewhere.example.',
            'sub NS ns.elsewhere.example.',
          ],
          updaters: [key.name, ...others.map(other => other.name)],
        },
        'acme.test': { records: ['@ NS ns1', 'ns1 A 127.0.0.1'], updaters: [key.name] },
        'open.test': { records: ['@ NS ns1', 'ns1 A 127.0.0.1'] },
      },
      [key, stranger, ...others],
    )
    resolver = new Resolver([named.endpoint])
  })
  after(() => named[Symbol.asyncDispose]())

  const provider = (config: Partial<Rfc2136Config> = {}, now?: () => number) =>
    providerOf({ type: 'rfc2136', server: named.server, tsig: key, ...config }, { resolver, ...(now && { now }) })
  const values = async (name: string) => {
    const { answers } = await ask(named.endpoint, { name, type: 'TXT' }, false, signal)
    return answers.map(record => record.data).sort()
  }

  it('two values stand at one name, and each goes by itself', async () => {
    const name = '_acme-challenge.example.test'
    await provider().present({ name, value: 'first' }, signal)
    await provider().present({ name, value: 'second' }, signal)
    await provider().present({ name, value: 'second' }, signal)
    expect(await values(name)).to.deep.equal(['first', 'second'])
    await provider().cleanup({ name, value: 'first' }, signal)
    await provider().cleanup({ name, value: 'first' }, signal)
    expect(await values(name)).to.deep.equal(['second'])
    await provider().cleanup({ name, value: 'second' }, signal)
    expect(await values(name)).to.deep.equal([])
  })

  it('so many values that no datagram holds them can be read', async () => {
    const name = '_acme-challenge.many.example.test'
    const many = Array.from({ length: 20 }, (_, index) => `${index}`.padStart(43, 'x'))
    for (const value of many) await provider().present({ name, value }, signal)
    expect(await values(name)).to.deep.equal([...many].sort())
  })

  for (const other of others)
    it(`a key of ${other.algorithm} is taken`, async () => {
      const name = `_acme-challenge.${other.name}.example.test`
      await provider({ tsig: other, zone: 'Example.test.' }).present({ name, value: 'v' }, signal)
      expect(await values(name)).to.deep.equal(['v'])
    })

  it('a zone that takes updates of anybody needs no key', async () => {
    const { tsig: _, ...config }: Rfc2136Config = { type: 'rfc2136', server: named.server, tsig: key }
    await providerOf(config, { resolver }).present({ name: '_acme-challenge.open.test', value: 'v' }, signal)
    expect(await values('_acme-challenge.open.test')).to.deep.equal(['v'])
  })

  it('a CNAME delegates the challenge to another zone', async () => {
    await provider().present({ name: '_acme-challenge.shop.example.test', value: 'v' }, signal)
    expect(await values('shop.acme.test')).to.deep.equal(['v'])
    await provider().cleanup({ name: '_acme-challenge.shop.example.test', value: 'v' }, signal)
    expect(await values('shop.acme.test')).to.deep.equal([])
  })

  const record = { name: '_acme-challenge.refused.example.test', value: 'v' }
  const refusals: readonly [string, string, Partial<Rfc2136Config>, object][] = [
    ['a wrong secret', 'ssl.dns_key_wrong', { tsig: { ...key, secret: secret(9) } }, { key: key.name }],
    ['another algorithm', 'ssl.dns_key_unknown', { tsig: { ...key, algorithm: 'hmac-sha512' as TsigAlgorithm } }, {}],
    ['an unknown key', 'ssl.dns_key_unknown', { tsig: { ...key, name: 'nobody' } }, { key: 'nobody' }],
    [
      'a key without the right',
      'ssl.dns_update_refused',
      { tsig: stranger },
      { zone: 'example.test', name: record.name },
    ],
    [
      'a zone of somebody else',
      'ssl.dns_not_in_zone',
      { zone: 'refused.example.test' },
      { zone: 'refused.example.test' },
    ],
    ['a zone without the name', 'ssl.dns_not_in_zone', { zone: 'acme.test' }, { zone: 'acme.test', name: record.name }],
  ]
  for (const [what, code, config, params] of refusals)
    it(`${what} is told as ${code}, without the secret`, async () => {
      const problem = await refusal(provider(config).present(record, signal))
      expect(problem.code).to.equal(code)
      expect(problem.params).to.include({ server: named.server, ...params })
      expect(JSON.stringify([problem, problem.stack])).to.not.include((config.tsig ?? key).secret)
      expect(await values(record.name)).to.deep.equal([])
    })

  it('clocks that are an hour apart are told, and by how much', async () => {
    const problem = await refusal(provider({}, () => Date.now() - 3_600_000).present(record, signal))
    expect(problem.code).to.equal('ssl.dns_clocks_apart')
    expect(problem.params.seconds).to.be.within(3595, 3605)
  })

  it('a zone that the server does not hold, or delegated, is not found', async () => {
    for (const name of ['_acme-challenge.stray.example.test', '_acme-challenge.sub.example.test']) {
      const delegated = new Resolver([named.endpoint])
      // The resolver of this test knows nothing of names elsewhere, as the server refuses them.
      delegated.cname = async asked =>
        asked === '_acme-challenge.stray.example.test' ? 'stray.elsewhere.example' : undefined
      const config: Rfc2136Config = { type: 'rfc2136', server: named.server, tsig: key }
      const problem = await refusal(providerOf(config, { resolver: delegated }).present({ name, value: 'v' }, signal))
      expect(problem.code).to.equal('ssl.dns_zone_unknown')
    }
  })

  it('a server that is not there is named', async () => {
    const server = `127.0.0.1:${await freePort()}`
    const problem = await refusal(provider({ server }).present(record, signal))
    expect([problem.code, problem.params]).to.deep.equal([
      'ssl.dns_server_unreachable',
      { server, reason: 'ECONNREFUSED' },
    ])
  })

  /** Somebody in between, who answers each message. */
  const impostor = async (answer: (message: Buffer, socket: Socket) => void) => {
    const server = createServer(socket =>
      socket.on('data', bytes => answer(bytes.subarray(2), socket)).on('error', () => {}),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    return { server: `127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() }
  }
  const framed = (message: Buffer) => Buffer.concat([Buffer.of(message.length >> 8, message.length & 255), message])

  it('a success that nobody signed is none', async () => {
    using between = await impostor((message, socket) => {
      const head = Buffer.from(message.subarray(0, 12)).fill(0, 4)
      head.writeUInt16BE(0xa800, 2)
      socket.end(framed(head))
    })
    const problem = await refusal(provider({ server: between.server, zone: 'example.test' }).present(record, signal))
    expect(problem.code).to.equal('ssl.dns_answer_forged')
  })

  it('an answer to another message, or what is none, is not believed', async () => {
    for (const [answer, code] of [
      [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'ssl.dns_server_unreachable'],
      [Buffer.alloc(0), 'ssl.dns_server_unreachable'],
    ] as const) {
      using between = await impostor((_, socket) => socket.end(framed(answer)))
      const problem = await refusal(provider({ server: between.server, zone: 'example.test' }).present(record, signal))
      expect([problem.code, problem.params.reason]).to.deep.equal([code, 'EBADMSG'])
    }
    using between = await impostor((message, socket) => {
      const head = Buffer.from(message.subarray(0, 12)).fill(0, 4)
      head.writeUInt16BE(head.readUInt16BE(0) ^ 1, 0)
      head.writeUInt16BE(0xa800, 2)
      socket.end(framed(head))
    })
    const problem = await refusal(provider({ server: between.server, zone: 'example.test' }).present(record, signal))
    expect(problem.code).to.equal('ssl.dns_answer_forged')
  })

  it('a server that says nothing is left at once when the job is cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    using between = await impostor(() => controller.abort(reason))
    const update = provider({ server: between.server, zone: 'example.test' }).present(record, controller.signal)
    expect(await update.catch((error: unknown) => error)).to.equal(reason)
    const again = provider().present(record, controller.signal)
    expect(await again.catch((error: unknown) => error)).to.equal(reason)
  })
})
