import { expect } from 'chai'
import { formatBytes, formatDuration, formatRelative } from './format.js'
import { locale, setLocale } from './messages.js'

describe('figures', () => {
  const before = locale()
  after(() => setLocale(before, { remember: false }))

  it('tell a duration in the units that fit it, rounded once', async () => {
    await setLocale('en', { remember: false })
    const told = [0, 12.4, 100, 9_940, 9_960, 59_400, 59_600, 185_000].map(ms => formatDuration(ms))
    expect(told).to.deep.equal([
      '0 ms',
      '12 ms',
      '0.1 sec',
      '9.9 sec',
      '10 sec',
      '59 sec',
      '1 min 0 sec',
      '3 min 5 sec',
    ])
  })

  it('tell bytes in binary units and moments as people say them, in the language that is shown', async () => {
    await setLocale('id', { remember: false })
    expect(formatBytes(1536)).to.equal('1,5 KiB')
    expect(formatBytes(0)).to.equal('0 B')
    const now = new Date('2026-01-01T12:00:00Z')
    expect(formatRelative(new Date('2026-01-01T11:57:00Z'), now)).to.equal('3 menit yang lalu')
  })
})
