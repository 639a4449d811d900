import { createHash, X509Certificate } from 'node:crypto'
import type { Problem } from '@nusantara/sdk'
import { expect } from 'chai'
import { exampleChain, type Made, made } from '../pem/testing.js'
import { judgeIssued } from './judge-issued.js'

const names = ['example.test', 'www.example.test']
const now = new Date('2026-02-01')
const spkiOf = (one: Made) =>
  createHash('sha256')
    .update(new X509Certificate(one.pem).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')

describe('what an authority sends', () => {
  let chain: Awaited<ReturnType<typeof exampleChain>>
  before(async () => {
    chain = await exampleChain()
  })

  const judge = (pem: string, more: object = {}) =>
    judgeIssued(pem, { authority: 'A', names, spki: spkiOf(chain.leaf), now, ...more })
  const refused = (pem: string, more: object = {}): unknown => {
    try {
      judge(pem, more)
      return ''
    } catch (error) {
      return (error as Problem).params.reason
    }
  }

  it('is taken as it was ordered, leaf first', () => {
    const ders = judge(chain.leaf.pem + chain.intermediate.pem)
    expect(ders.map(der => new X509Certificate(Buffer.from(der, 'base64')).subject)).to.deep.equal([
      'CN=example.test',
      'CN=Example R1',
    ])
  })

  it('is refused when it is for another key, other names or another time', async () => {
    const whole = chain.leaf.pem + chain.intermediate.pem
    expect(refused(whole, { spki: 'ff' })).to.equal('it is for another key')
    expect(refused(whole, { names: [...names, 'more.example.test'] })).to.equal('it is not for more.example.test')
    expect(refused(whole, { now: new Date('2026-04-02') })).to.match(/^it ended at 2026-04-01/)
    expect(refused(whole, { now: new Date('2025-12-31') })).to.match(/^it begins at 2026-01-01/)
  })

  it('is refused when it is no chain, too long, or nothing that can be read', async () => {
    const other = await made({ subject: 'Other', ca: true })
    expect(refused(chain.leaf.pem + other.pem)).to.equal('its chain does not follow')
    expect(refused(chain.leaf.pem.repeat(11))).to.match(/more than 10/)
    expect(refused('')).to.match(/no certificate/)
    expect(refused(chain.leaf.pem.replace(/\n[A-Za-z0-9+/]{10}/, '\nAAAAAAAAAA'))).to.equal('it cannot be read')
  })
})
