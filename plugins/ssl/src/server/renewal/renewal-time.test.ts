import { expect } from 'chai'
import fc from 'fast-check'
import { renewalTime } from './renewal-time.js'
import { retryTime } from './retry-time.js'
import { day, hour, minute } from './time.js'

const at = (text: string) => new Date(text)
const notBefore = at('2026-01-01')
const lifetimes = fc.integer({ min: 10 * minute, max: 400 * day })
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const ninety = { notBefore, notAfter: at('2026-04-01'), now: notBefore }

describe('the time of a renewal', () => {
  it('is when two thirds of the lifetime are gone, half of a short one, or a little earlier', () => {
    fc.assert(
      fc.property(lifetimes, random, (lifetime, share) => {
        const notAfter = new Date(notBefore.getTime() + lifetime)
        const time = renewalTime({ notBefore, notAfter, now: notBefore, random: () => share })
        const gone = (time.getTime() - notBefore.getTime()) / lifetime
        const due = lifetime < 10 * day ? 1 / 2 : 2 / 3
        expect(gone).to.be.within(due - 0.05 - 1e-5, due + 1e-5)
      }),
    )
  })

  it('lies in the lifetime, whatever the authority says, and is not in the past', () => {
    const offset = fc.integer({ min: -500 * day, max: 500 * day })
    fc.assert(
      fc.property(lifetimes, offset, offset, offset, offset, random, (lifetime, start, end, now, chosen, share) => {
        const date = (milliseconds: number) => new Date(notBefore.getTime() + milliseconds)
        const notAfter = date(lifetime)
        const ari = { start: date(start), end: date(end) }
        const question = { notBefore, notAfter, now: date(now), ari, chosen: date(chosen), random: () => share }
        const time = renewalTime(question)
        expect(time.getTime()).to.be.at.least(Math.max(now, 0) + notBefore.getTime())
        if (now <= lifetime) expect(time.getTime()).to.be.at.most(notAfter.getTime())
        expect(renewalTime({ ...question, chosen: time, random: () => 0.5 }).getTime()).to.be.at.least(time.getTime())
      }),
    )
  })

  it('spreads certificates of one day', () => {
    const times = Array.from({ length: 200 }, () => renewalTime({ ...ninety, random: Math.random }).getTime())
    const hours = new Set(times.map(time => Math.floor(time / hour)))
    expect(hours.size).to.be.greaterThan(50)
    expect(Math.max(...times) - Math.min(...times)).to.be.greaterThan(3 * day)
  })

  it('is anywhere in the window that the authority suggests', () => {
    const ari = { start: at('2026-02-01'), end: at('2026-02-03') }
    const shares = [0, 0.25, 0.5].map(share => renewalTime({ ...ninety, ari, random: () => share }).toISOString())
    expect(shares).to.deep.equal(['2026-02-01T00:00:00.000Z', '2026-02-01T12:00:00.000Z', '2026-02-02T00:00:00.000Z'])
  })

  it('is chosen once, and again when the window moves', () => {
    const chosen = at('2026-02-02')
    const ari = { start: at('2026-02-01'), end: at('2026-02-03') }
    const never = () => expect.fail('drawn again')
    expect(renewalTime({ ...ninety, ari, chosen, random: never })).to.deep.equal(chosen)
    const moved = { start: at('2026-01-05'), end: at('2026-01-06') }
    expect(renewalTime({ ...ninety, ari: moved, chosen, random: () => 0 })).to.deep.equal(moved.start)
    const own = renewalTime({ ...ninety, random: () => 0.3 })
    expect(renewalTime({ ...ninety, chosen: own, random: never })).to.deep.equal(own)
  })

  it('is now when it has passed, as after a revocation', () => {
    const now = at('2026-01-10')
    const ari = { start: at('2026-01-02'), end: at('2026-01-03') }
    expect(renewalTime({ ...ninety, now, ari, random: () => 0.5 })).to.deep.equal(now)
    expect(renewalTime({ ...ninety, now: at('2026-03-30'), random: () => 0.5 })).to.deep.equal(at('2026-03-30'))
  })

  it('takes no advice that makes no sense', () => {
    const without = renewalTime({ ...ninety, random: () => 0 })
    for (const ari of [
      { start: at('2026-04-02'), end: at('2026-04-03') },
      { start: at('2026-02-03'), end: at('2026-02-01') },
    ])
      expect(renewalTime({ ...ninety, ari, random: () => 0 })).to.deep.equal(without)
  })
})

describe('the time of another try', () => {
  const now = at('2026-01-01')
  const minutes = (failures: number, random: number, retryAfter?: Date) =>
    (retryTime({ failures, now, random: () => random, ...(retryAfter && { retryAfter }) }).getTime() - now.getTime()) /
    minute

  it('comes soon at first, then daily', () => {
    expect([1, 2, 3, 4, 50].map(failures => minutes(failures, 0.5))).to.deep.equal([1, 10, 100, 1440, 1440])
    expect(minutes(0, 0.5)).to.equal(0)
  })

  it('varies by a tenth', () => {
    expect([minutes(2, 0), minutes(2, 0.99999)].map(Math.round)).to.deep.equal([9, 11])
  })

  it('is never before the authority allows it', () => {
    expect(minutes(1, 0.5, new Date(now.getTime() + hour))).to.equal(60)
    expect(minutes(4, 0.5, new Date(now.getTime() + hour))).to.equal(1440)
    expect(minutes(0, 0.5, new Date(now.getTime() + hour))).to.equal(60)
  })
})
