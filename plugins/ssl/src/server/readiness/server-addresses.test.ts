import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { interfaceAddresses, isPublicAddress, placeOf } from './server-addresses.js'

describe('the addresses of a server', () => {
  for (const address of ['8.8.8.8', '100.63.255.255', '172.32.0.1', '223.255.255.255', '2606:4700::1', '2a00::1'])
    it(`reach the world as ${address}`, () => expect(isPublicAddress(address)).to.equal(true))

  for (const address of [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2001:db8::1',
    '2002:a00:1::1',
  ])
    it(`do not reach it as ${address}`, () => expect(isPublicAddress(address)).to.equal(false))

  it('are those of its interfaces, without those that lead nowhere else', () => {
    const addresses = interfaceAddresses(networkInterfaces())
    expect(addresses).to.not.include.members(['127.0.0.1'])
    expect(addresses.some(address => /^(?:127\.|fe80:|::1$)/.test(address))).to.equal(false)
  })

  it('are told from those of others', () => {
    const server = { own: ['10.0.0.5', '2606:4700:0::5'], public: ['8.8.8.8', '10.9.9.9'] }
    const places = ['8.8.8.8', '10.9.9.9', '2606:4700::5', '10.0.0.5', '10.0.0.6', '8.8.4.4', '2606:4700::6']
    expect(places.map(address => placeOf(address, server))).to.deep.equal([
      'ours',
      'ours',
      'ours',
      'inside',
      'private',
      'elsewhere',
      'elsewhere',
    ])
    const natted = { own: ['10.0.0.5'], public: [] }
    expect(placeOf('8.8.4.4', natted)).to.equal('unknown')
    expect(placeOf('2606:4700::6', natted)).to.equal('elsewhere')
  })
})
