import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { dripping, flooding, json, RawAuthority, redirecting } from '../../testing/raw-authority.js'
import { AcmeClient } from './acme-client.js'
import { fetchTrusting } from './fetch.js'
import { asProblem } from './problems.js'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const accountKey = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

describe('what an authority may answer', () => {
  let raw: RawAuthority
  let elsewhere: Server
  let plain: string
  const strayed: string[] = []
  before(async () => {
    raw = await RawAuthority.start()
    elsewhere = createServer((incoming, outgoing) => {
      strayed.push(incoming.url ?? '')
      outgoing.end('{}')
    })
    await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve))
    plain = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
  })
  after(async () => {
    elsewhere?.close()
    await raw?.stop()
  })
  beforeEach(() => {
    const { origin } = raw
    raw.on('/dir', json({ newNonce: `${origin}/nonce`, newAccount: `${origin}/account`, newOrder: `${origin}/order` }))
    raw.on('/nonce', json({}))
    raw.on('/account', json({}, 201, { location: `${origin}/account/1` }))
  })

  const open = (options: { signal?: AbortSignal; patience?: number } = {}) =>
    AcmeClient.open({
      directoryUrl: `${raw.origin}/dir`,
      accountKey,
      caPem: raw.caPem,
      signal: AbortSignal.timeout(10_000),
      ...options,
    })
  const refusal = async (asking: Promise<unknown>) => {
    const error = await asking.then(
      () => expect.fail('it was taken'),
      (error: unknown) => error,
    )
    return asProblem(error, 'Raw') as { code: string; params: { reason: string } }
  }
  const thrown = async (asking: Promise<unknown>) =>
    asking.then(
      () => expect.fail('it was taken'),
      (error: Error) => `${error.name} ${error.message}`,
    )

  it('is no redirect', async () => {
    raw.on('/dir', redirecting(`${raw.origin}/other`))
    const problem = await refusal((await open()).directory())
    expect(problem.code).to.equal('ssl.certificate_wrong')
    expect(problem.params.reason).to.match(/302; redirects are not followed/)
    expect(raw.asked).to.not.include('GET /other')
    expect(await thrown(fetchTrusting(raw.caPem)(`${raw.origin}/dir`))).to.match(/302/)
    expect(raw.asked).to.not.include('GET /other')
  })

  it('leads to https alone, in a directory, an order and a Location', async () => {
    raw.on('/dir', json({ newNonce: `${raw.origin}/nonce`, newAccount: `${plain}/account` }))
    expect((await refusal((await open()).register(null))).params.reason).to.contain('no https URL')
    raw.on('/dir', json({ newNonce: `${raw.origin}/nonce`, newAccount: `${raw.origin}/account` }))
    for (const location of [`${plain}/account/1`, undefined]) {
      raw.on('/account', json({}, 201, location ? { location } : {}))
      const problem = await refusal((await open()).register(null))
      expect(problem.code).to.equal('ssl.certificate_wrong')
      expect(problem.params.reason).to.contain('Location')
    }
    const client = await open()
    for (const asking of [client.order(`${plain}/order/1`), client.certificate(`${plain}/certificate`)])
      expect((await refusal(asking)).code).to.equal('ssl.certificate_wrong')
    expect(await thrown(fetchTrusting(raw.caPem)(`${plain}/advice`))).to.contain('not an https URL')
    expect(await thrown(fetchTrusting(null)(`${plain}/advice`))).to.contain('not an https URL')
    expect(strayed).to.deep.equal([])
  })

  it('has an end, in length and in time', async () => {
    raw.on('/dir', flooding)
    const long = await refusal((await open()).directory())
    expect(long.code).to.equal('ssl.authority_unreachable')
    expect(long.params.reason).to.contain('maxContentLength')
    expect(await thrown(fetchTrusting(raw.caPem)(`${raw.origin}/dir`))).to.contain('65536')
    raw.on('/dir', dripping)
    const slow = await refusal((await open({ patience: 300 })).directory())
    expect([slow.code, slow.params.reason]).to.deep.equal(['ssl.authority_unreachable', 'ETIMEDOUT'])
    expect(await thrown(fetchTrusting(raw.caPem, 300)(`${raw.origin}/dir`))).to.match(/Timeout|Abort|aborted/)
  })

  it('is waited for no longer than the job runs', async () => {
    raw.on('/dir', dripping)
    const started = performance.now()
    const asking = (await open({ signal: AbortSignal.timeout(200) })).directory()
    expect(await thrown(asking)).to.match(/^CanceledError/)
    const signal = AbortSignal.timeout(200)
    expect(await thrown(fetchTrusting(raw.caPem)(`${raw.origin}/dir`, { signal }))).to.match(/Timeout|Abort|aborted/)
    expect(performance.now() - started).to.be.below(5_000)
  })

  it('is taken as it should be', async () => {
    expect(await (await open()).register(null)).to.equal(`${raw.origin}/account/1`)
    expect(await (await fetchTrusting(raw.caPem)(`${raw.origin}/dir`)).json()).to.include.keys('newOrder')
  })
})
