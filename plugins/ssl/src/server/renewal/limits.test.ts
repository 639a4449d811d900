import { expect } from 'chai'
import fc from 'fast-check'
import { type Budget, budget, type Limits, type PastEvent } from './limits.js'
import { registeredDomain } from './registered-domain.js'
import { day, hour, minute } from './time.js'

const now = new Date('2026-06-01')
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds)
const times = (count: number, event: (index: number) => PastEvent) => Array.from({ length: count }, (_, i) => event(i))
const certificate = (names: string[], at = now): PastEvent => ({ at, kind: 'certificate', names })
const useOf = ({ uses }: Budget, limit: keyof Limits, subject?: string) =>
  uses.find(use => use.limit === limit && (subject === undefined || use.subject === subject))
const minutesUntil = (date: Date | null | undefined) => date && (date.getTime() - now.getTime()) / minute

describe('the budget at an authority', () => {
  it('is whole when nothing happened', () => {
    const { uses, blockedUntil } = budget({ names: ['Example.test', 'www.example.test'], events: [], now })
    expect(blockedUntil).to.equal(null)
    expect(uses.map(({ limit, subject, used, of }) => [limit, subject, used, of])).to.deep.equal([
      ['orders', '', 0, 300],
      ['domain', 'example.test', 0, 50],
      ['sameNames', 'example.test www.example.test', 0, 5],
      ['failures', 'example.test', 0, 5],
      ['failures', 'www.example.test', 0, 5],
    ])
  })

  it('counts certificates by registered domain', () => {
    const events = times(50, index => certificate([`a${index}.example.co.uk`]))
    const report = budget({ names: ['new.example.co.uk', 'other.co.uk'], events, now })
    expect(useOf(report, 'domain', 'example.co.uk')).to.include({ used: 50, of: 50 })
    expect(minutesUntil(report.blockedUntil)).to.be.closeTo(201.6, 0.1)
    expect(useOf(report, 'domain', 'other.co.uk')).to.include({ used: 0, freeAt: null })
  })

  it('counts certificates of the same names, in whatever order and case', () => {
    const events = times(5, index => certificate(index % 2 ? ['A.test', 'b.test'] : ['b.test', 'a.test']))
    expect(minutesUntil(budget({ names: ['b.test', 'a.test'], events, now }).blockedUntil)).to.be.closeTo(33.6 * 60, 1)
    expect(budget({ names: ['b.test'], events, now }).blockedUntil).to.equal(null)
  })

  it('counts failures by name and orders by account', () => {
    const failures = times(5, () => ({ at: now, kind: 'failure' as const, names: ['a.test'] }))
    const failed = budget({ names: ['a.test', 'b.test'], events: failures, now })
    expect(minutesUntil(failed.blockedUntil)).to.equal(12)
    expect(useOf(failed, 'failures', 'b.test')?.used).to.equal(0)
    const orders = times(300, () => ({ at: now, kind: 'order' as const, names: ['c.test'] }))
    expect(minutesUntil(budget({ names: ['a.test'], events: orders, now }).blockedUntil)).to.equal(0.6)
  })

  it('comes back evenly', () => {
    const events = times(5, () => certificate(['a.test'], ago(34 * hour)))
    const report = budget({ names: ['a.test'], events, now })
    expect(useOf(report, 'sameNames')).to.deep.include({ used: 4, freeAt: null })
    const early = times(5, () => certificate(['a.test'], ago(7 * day)))
    expect(useOf(budget({ names: ['a.test'], events: early, now }), 'sameNames')?.used).to.equal(0)
  })

  it('does not bind renewals by the advice of the authority, nor count them', () => {
    const events = times(60, () => certificate(['a.test']))
    expect(budget({ names: ['a.test'], events, now, renewal: 'ari' }).blockedUntil).to.equal(null)
    const renewals = events.map(event => ({ ...event, renewal: 'ari' as const }))
    expect(budget({ names: ['a.test'], events: renewals, now }).uses.every(({ used }) => used === 0)).to.equal(true)
  })

  it('binds renewals of the same names only among themselves', () => {
    const events = times(50, index => certificate([`a${index}.test.example`]))
    expect(budget({ names: ['a1.test.example'], events, now, renewal: 'names' }).blockedUntil).to.equal(null)
    const renewals = times(5, () => ({ ...certificate(['a.test']), renewal: 'names' as const }))
    const report = budget({ names: ['a.test'], events: renewals, now, renewal: 'names' })
    expect(report.blockedUntil).to.not.equal(null)
    expect(useOf(report, 'domain')?.used).to.equal(0)
  })

  it('can be another one of another authority', () => {
    const plenty = { of: 9, per: day }
    const limits = { orders: { of: 1, per: hour }, domain: plenty, sameNames: plenty, failures: plenty }
    const events = [{ at: ago(30 * minute), kind: 'order' as const, names: ['a.test'] }]
    expect(minutesUntil(budget({ names: ['a.test'], events, now, limits }).blockedUntil)).to.equal(30)
  })

  it('allows one more exactly from when it says', () => {
    const event = fc.record({
      at: fc.integer({ min: 0, max: 8 * day }).map(ago),
      kind: fc.constantFrom('order' as const, 'certificate' as const, 'failure' as const),
      names: fc.constant(['a.test']),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), events => {
        const question = { names: ['a.test'], events }
        const { blockedUntil } = budget({ ...question, now })
        if (!blockedUntil) return
        expect(budget({ ...question, now: blockedUntil }).blockedUntil).to.equal(null)
        const before = new Date(blockedUntil.getTime() - 2000)
        expect(before < now || budget({ ...question, now: before }).blockedUntil !== null).to.equal(true)
      }),
    )
  })
})

describe('the registered domain', () => {
  for (const [name, domain] of [
    ['www.Example.com', 'example.com'],
    ['*.new.blog.example.co.uk', 'example.co.uk'],
    ['a.b.github.io', 'b.github.io'],
    ['github.io', 'github.io'],
    ['example.co.id', 'example.co.id'],
    ['test', 'test'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8::/64'],
    ['::1', '::/64'],
  ] as const)
    it(`of ${name} is ${domain}`, () => expect(registeredDomain(name)).to.equal(domain))
})
