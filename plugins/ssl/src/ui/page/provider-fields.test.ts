import { expect } from 'chai'
import { providerBody } from './provider-fields.js'
import { slugOf } from './slug.js'

describe('what a DNS provider is configured with', () => {
  it('leaves out what is empty, and a key of which nothing is known', () => {
    const config = { server: 'ns.test', zone: '', tsig: { algorithm: 'hmac-sha256', secret: '' } }
    expect(providerBody({ id: 'a', name: 'A', config }, 'rfc2136')).to.deep.equal({
      id: 'a',
      name: 'A',
      config: { type: 'rfc2136', server: 'ns.test' },
    })
  })

  it('sends a key that is half filled, so that the panel says what is missing', () => {
    const config = { server: 'ns.test', tsig: { name: 'k', algorithm: 'hmac-sha256', secret: '' } }
    expect(providerBody({ id: 'a', name: 'A', config }, 'rfc2136').config).to.deep.equal({
      type: 'rfc2136',
      server: 'ns.test',
      tsig: { name: 'k', algorithm: 'hmac-sha256' },
    })
  })

  it('gets an id from its name', () => {
    expect(slugOf('Let’s  Énçrypt (Test)')).to.equal('lets-encrypt-test')
  })
})
