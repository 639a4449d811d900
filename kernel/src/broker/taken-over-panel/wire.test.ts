import { expect } from 'chai'
import { allProcesses } from '../process-identity.js'
import { RawClient } from '../testing/raw-client.js'
import { until } from '../testing/until.js'
import { codeOf, TakenOverPanel } from './fixture.js'

describe('a taken-over panel that abuses the wire', function () {
  this.timeout(60_000)
  const panel = TakenOverPanel.inSuite()

  it('cannot confuse the broker with what is not a request', async () => {
    const cases: [bytes: string | Uint8Array, code: number][] = [
      ['not json\n', -32700],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head"\n', -32700],
      [Uint8Array.of(0x22, 0xff, 0xfe, 0x22, 0x0a), -32700],
      [`${'['.repeat(100_000)}\n`, -32700],
      ['[]\n', -32600],
      ['[{"jsonrpc":"2.0","id":1,"method":"audit.head"}]\n', -32600],
      ['null\n', -32600],
      ['"x"\n', -32600],
      ['{"id":1,"method":"audit.head"}\n', -32600],
      ['{"jsonrpc":"2.0","id":{},"method":"audit.head"}\n', -32600],
      ['{"jsonrpc":"2.0","id":1.5,"method":"audit.head"}\n', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":["audit.head"]}\n', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head","uid":0}\n', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head","params":[]}\n', -32602],
      ['{"jsonrpc":"2.0","id":1,"method":"audit.head","params":{"__proto__":{"x":1}}}\n', -32602],
      ['\n', -32700],
    ]
    for (const [bytes, code] of cases) {
      const raw = await RawClient.connect(panel.broker.socket)
      raw.write(bytes)
      await until(() => raw.answers.length > 0, `an answer to ${String(bytes).slice(0, 60)}`)
      expect(raw.answers[0]?.error?.code, String(bytes).slice(0, 60)).to.equal(code)
      raw.end()
    }
  })

  it('cannot make it hold more than a message of the longest kind', async () => {
    const raw = await RawClient.connect(panel.broker.socket)
    raw.write(Buffer.alloc(8 * 1024 * 1024 + 10, 0x61))
    await raw.closed
    const long = await RawClient.connect(panel.broker.socket)
    const answer = await long.call('operation.run', {
      ...panel.origin(),
      operation: 'say',
      params: { word: 'x'.repeat(7 * 1024 * 1024) },
    })
    expect(codeOf(answer)).to.equal('param_invalid')
    long.end()
  })

  it('can leave in the middle of anything', async () => {
    const running = () => allProcesses().filter(stat => stat.parent === panel.broker.pid).length
    const before = running()
    for (const part of ['{"jsonrpc":"2.0","id":1,"method":"operation.run","par', '{', '']) {
      const raw = await RawClient.connect(panel.broker.socket)
      raw.write(part)
      raw.end()
      await raw.closed
    }
    const raw = await RawClient.connect(panel.broker.socket)
    for (let index = 0; index < 50; index++)
      void raw.call('operation.run', { ...panel.origin(), operation: 'say', params: { word: 'x' }, stream: true })
    raw.end()
    await until(() => running() <= before, 'the end of its children')
  })

  it('gets one answer for each request, also when it repeats ids or sends too many', async () => {
    const raw = await RawClient.connect(panel.broker.socket)
    const request = (id: number) =>
      `${JSON.stringify({ jsonrpc: '2.0', id, method: 'operation.run', params: { ...panel.origin(), operation: 'say', params: { word: 'x' } } })}\n`
    raw.write(request(1).repeat(3))
    await until(() => raw.answers.length === 3, 'three answers')
    expect(raw.answers.filter(answer => answer.error?.code === -32600).length).to.equal(2)
    raw.write(Array.from({ length: 700 }, (_, index) => request(index + 10)).join(''))
    await until(() => raw.answers.length === 703, 'all answers', 30_000)
    expect(raw.answers.filter(answer => answer.error?.data?.code === 'busy').length).to.be.greaterThan(100)
    raw.end()
  })

  it('cannot take all connections from root', async () => {
    const many = await Promise.all(
      Array.from({ length: 30 }, () => RawClient.connect(panel.broker.socket).catch(() => undefined)),
    )
    const admin = await RawClient.connect(panel.broker.adminSocket)
    expect(codeOf(await admin.call('audit.head', {}))).to.equal('ok')
    admin.end()
    for (const raw of many) raw?.end()
  })
})
