import { expect } from 'chai'
import fc from 'fast-check'
import { type ExpiryHealth, expiryHealth, expiryThresholds } from './expiry.js'
import { renewalTime } from './renewal-time.js'
import { day } from './time.js'

const notBefore = new Date('2026-01-01')
const after = (days: number) => new Date(notBefore.getTime() + days * day)

function health(lifetime: number, now: number, renewAt?: number): ExpiryHealth {
  const validity = { notBefore, notAfter: after(lifetime), now: after(now) }
  return expiryHealth({ ...validity, ...(renewAt !== undefined && { renewAt: after(renewAt) }) })
}

describe('the health of a certificate', () => {
  for (const [lifetime, due, warning, failed] of [
    [90, 60, 64.5, 85.5],
    [47, 31.33, 33.7, 44],
    [6, 3, 4, 5],
    [398, 265.33, 285.3, 378.1],
    [1, 0.5, 0.667, 0.834],
  ] as const)
    it(`of ${lifetime} days is a warning from day ${warning}, a failure from day ${failed}`, () => {
      const days = [due, warning - 0.1, warning + 0.1, failed - 0.05, failed + 0.05, lifetime + 1]
      expect(days.map(now => health(lifetime, now, due))).to.deep.equal([
        'ok',
        'ok',
        'warning',
        'warning',
        'failed',
        'failed',
      ] satisfies ExpiryHealth[])
    })

  it('counts from when the authority wanted it renewed', () => {
    expect(health(90, 10, 4)).to.equal('warning')
    expect(health(90, 8, 4)).to.equal('ok')
    expect(health(90, 70, 80)).to.equal('ok')
  })

  it('is judged without a renewal as if one had been due', () => {
    expect([60, 70, 86].map(now => health(90, now))).to.deep.equal(['ok', 'warning', 'failed'])
  })

  it('is never in question before its renewal is due, and warns before it fails', () => {
    const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 800 }), share, (halfDays, random) => {
        const validity = { notBefore, notAfter: after(halfDays / 2) }
        const renewAt = renewalTime({ ...validity, now: notBefore, random: () => random })
        expect(expiryHealth({ ...validity, renewAt, now: renewAt })).to.equal('ok')
        const { warning, failed } = expiryThresholds({ ...validity, renewAt })
        expect(warning.getTime()).to.be.within(renewAt.getTime(), failed.getTime() - 1)
        expect(failed.getTime()).to.be.lessThan(validity.notAfter.getTime())
      }),
    )
  })
})
