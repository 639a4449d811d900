import { expect } from 'chai'
import type { CertificateOrder } from '../api.js'
import { orderFor, provableNames } from './order-names.js'

const site = { domain: 'example.test', aliases: ['www.example.test', '*.example.test'] }
const order: CertificateOrder = {
  authority: 'a',
  names: ['example.test', '*.example.test', 'gone.example.test'],
  keyType: 'ec256',
  challenge: 'dns-01',
  provider: 'p',
}

describe('names of an order', () => {
  it('are those that the challenge can prove', () => {
    expect(provableNames(site, 'http-01')).to.deep.equal(['example.test', 'www.example.test'])
    expect(provableNames(site, 'dns-01')).to.deep.equal(['example.test', 'www.example.test', '*.example.test'])
  })

  it('are those that the site still has', () => {
    expect(orderFor(site, order)).to.deep.equal({ ...order, names: ['example.test', '*.example.test'] })
  })

  it('are the domain alone where none is left, and no provider proves that', () => {
    const { provider: _, ...rest } = order
    expect(orderFor({ domain: 'other.test', aliases: ['www.other.test'] }, order)).to.deep.equal({
      ...rest,
      names: ['other.test'],
      challenge: 'http-01',
    })
  })
})
