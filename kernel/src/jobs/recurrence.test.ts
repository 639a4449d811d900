import { expect } from 'chai'
import { Recurrence } from './recurrence.js'

function moments(cron: string, timezone: string, from: string, count: number): string[] {
  const recurrence = new Recurrence({ name: 'x', cron, timezone })
  const found: string[] = []
  for (let at: Date | undefined = new Date(from); at && found.length < count; ) {
    at = recurrence.after(at)
    if (at) found.push(at.toISOString().slice(0, 16))
  }
  return found
}

describe('recurrence', () => {
  it('comes once on the day whose local hour is left out', () => {
    const found = moments('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)
    expect(found[0]).to.equal('2026-03-28T01:30')
    expect(found[1]?.slice(0, 10)).to.equal('2026-03-29')
    expect(found[2]).to.equal('2026-03-30T00:30')
  })

  it('comes once on the day whose local hour comes twice', () => {
    expect(moments('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).to.deep.equal([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
  })

  it('keeps the local time of a zone without such changes', () => {
    expect(moments('0 3 * * *', 'Asia/Jakarta', '2026-03-28T00:00:00Z', 2)).to.deep.equal([
      '2026-03-28T20:00',
      '2026-03-29T20:00',
    ])
  })

  it('finds the last moment of a downtime', () => {
    const recurrence = new Recurrence({ name: 'x', cron: '0 * * * *' })
    const last = recurrence.lastUntil(new Date('2026-03-01T10:00:00Z'), new Date('2026-03-01T15:00:00Z'))
    expect(last.toISOString()).to.equal('2026-03-01T15:00:00.000Z')
  })
})
