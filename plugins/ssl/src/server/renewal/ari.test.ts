import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { reply } from '../../testing/reply.js'
import { fetchRenewalInfo, type RenewalInfo } from './ari.js'
import { parseRetryAfter } from './retry-after.js'
import { hour } from './time.js'

const now = new Date('2026-01-01T00:00:00Z')
const window = { start: '2026-02-01T00:00:00Z', end: '2026-02-03T00:00:00Z' }

async function asked(answer: RequestListener): Promise<RenewalInfo & { url: string; hours: number }> {
  let request: IncomingMessage | undefined
  const server = createServer((received, response) => {
    request = received
    answer(received, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const renewalInfo = `http://127.0.0.1:${port}/renewal-info/`
  const info = await fetchRenewalInfo({ renewalInfo, certId: 'abc.def', fetch, now: () => now })
  server.closeAllConnections()
  server.close()
  return { ...info, url: request?.url ?? '', hours: (info.pollAt.getTime() - now.getTime()) / hour }
}

const json =
  (body: unknown, headers: Record<string, string> = {}, status = 200): RequestListener =>
  (_, response) =>
    reply(response, status, headers, typeof body === 'string' ? body : JSON.stringify(body))

describe('renewal information of an authority', () => {
  it('is asked by the name of the certificate and gives a window', async () => {
    const explanationURL = 'https://ca.test/why'
    const info = await asked(json({ suggestedWindow: window, explanationURL }))
    expect(info).to.deep.include({
      url: '/renewal-info/abc.def',
      window: { start: new Date(window.start), end: new Date(window.end) },
      explanation: explanationURL,
      error: null,
      hours: 12,
    })
  })

  it('is asked again when the authority says, within reason', async () => {
    const after = async (retry: string) =>
      (await asked(json({ suggestedWindow: window }, { 'retry-after': retry }))).hours
    expect(await after('21600')).to.equal(6)
    expect(await after('1')).to.equal(1)
    expect(await after('9999999')).to.equal(24)
    expect(await after('Thu, 01 Jan 2026 05:00:00 GMT')).to.equal(5)
    expect(await after('soon')).to.equal(12)
  })

  it('may be missing without harm', async () => {
    const faults: [RequestListener, RegExp][] = [
      [json('gone', {}, 404), /404/],
      [json('no'), /JSON/],
      [json('null'), /window/],
      [json({ suggestedWindow: { start: window.end, end: window.start } }), /window/],
      [json({ suggestedWindow: { start: 5, end: 'x' } }), /window/],
      [json('x'.repeat(70_000)), /more than/],
      [(_, response) => response.destroy(), /./],
    ]
    for (const [answer, error] of faults) {
      const info = await asked(answer)
      expect(info.error).to.match(error)
      expect(info).to.deep.include({ window: null, hours: 6 })
    }
    expect((await asked(json('busy', { 'retry-after': '7200' }, 503))).hours).to.equal(2)
  })

  it('leads nobody elsewhere than to the web', async () => {
    const explained = (explanationURL: unknown) => asked(json({ suggestedWindow: window, explanationURL }))
    expect((await explained('javascript:alert(1)')).explanation).to.equal(null)
    expect((await explained(5)).explanation).to.equal(null)
  })
})

describe('a Retry-After header', () => {
  it('is seconds or a date', () => {
    expect(parseRetryAfter(' 60 ', now)?.toISOString()).to.equal('2026-01-01T00:01:00.000Z')
    expect(parseRetryAfter('Thu, 01 Jan 2026 05:00:00 GMT', now)?.toISOString()).to.equal('2026-01-01T05:00:00.000Z')
    for (const nonsense of ['-5', '', 'x', null, undefined, '1.5'])
      expect(parseRetryAfter(nonsense, now)).to.equal(null)
  })
})
