import { expect } from 'chai'
import { followDelegation } from './delegation.js'
import { Resolver } from './resolver.js'
import { freePort, type Named, startNamed } from './testing/named.js'
import { refusal } from './testing/refusal.js'

const signal = new AbortController().signal

describe('the delegation of a challenge', () => {
  let named: Named
  let resolver: Resolver
  before(async () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, hop) => `chain${length}-${hop} CNAME chain${length}-${hop + 1}`)
    named = await startNamed({
      'example.test': {
        records: [
          ...['@ NS ns1', 'ns1 A 127.0.0.1', 'ns1 AAAA ::1', 'with.txt TXT "v"', 'a CNAME b', 'b CNAME a'],
          ...['odd CNAME sp\\032ace', 'root CNAME .', ...chain(8), ...chain(9)],
        ],
      },
    })
    resolver = new Resolver([named.endpoint])
  })
  after(() => named[Symbol.asyncDispose]())

  const follow = (name: string) => followDelegation(name, resolver, signal)

  it('ends at the name itself when there is none', async () => {
    expect(await follow('_acme-challenge.example.test')).to.equal('_acme-challenge.example.test')
    expect(await follow('with.txt.Example.test.')).to.equal('with.txt.example.test')
  })

  it('is followed for eight hops', async () => {
    expect(await follow('chain8-0.example.test')).to.equal('chain8-8.example.test')
    const { code, params } = await refusal(follow('chain9-0.example.test'))
    expect([code, params]).to.deep.equal(['ssl.dns_delegation_endless', { name: 'chain9-0.example.test', hops: 8 }])
  })

  it('is not followed in a circle, nor to what is no name', async () => {
    expect((await refusal(follow('a.example.test'))).code).to.equal('ssl.dns_delegation_endless')
    expect((await refusal(follow('odd.example.test'))).code).to.equal('ssl.dns_delegation_unusable')
    expect((await refusal(follow('root.example.test'))).code).to.equal('ssl.dns_delegation_unusable')
  })

  it('tells why no resolver answered, and asks the next one', async () => {
    const nobody = { address: '127.0.0.1', port: await freePort() }
    const problem = await refusal(followDelegation('a.elsewhere.test', new Resolver([nobody, named.endpoint]), signal))
    const reason = '127.0.0.1: ECONNREFUSED, 127.0.0.1: REFUSED'
    expect([problem.code, problem.params]).to.deep.equal([
      'ssl.dns_lookup_failed',
      { name: 'a.elsewhere.test', reason },
    ])
    expect(await followDelegation('x.example.test', new Resolver([nobody, named.endpoint]), signal)).to.equal(
      'x.example.test',
    )
  })

  it('asks the resolvers of this machine when none are given', () => {
    expect(new Resolver()).to.be.instanceOf(Resolver)
  })

  it('finds the zone of names that exist and of those that do not, and its servers', async () => {
    expect(await resolver.zoneOf('example.test', signal)).to.equal('example.test')
    expect(await resolver.zoneOf('ns1.example.test', signal)).to.equal('example.test')
    expect(await resolver.zoneOf('_acme-challenge.not.there.example.test', signal)).to.equal('example.test')
    expect(await resolver.nameservers('example.test', signal)).to.deep.equal(['ns1.example.test'])
    expect(await resolver.addresses('ns1.example.test', signal)).to.deep.equal(['127.0.0.1', '::1'])
    expect((await refusal(resolver.nameservers('ns1.example.test', signal))).code).to.equal('ssl.dns_no_nameservers')
  })
})
