import { expect } from 'chai'
import fc from 'fast-check'
import { holdsPort, parsePorts, showPorts } from './port-ranges.js'

describe('port ranges', () => {
  it('are read as people write them', () => {
    expect(parsePorts('3000-3999, 8000')).to.deep.equal([
      { from: 3000, to: 3999 },
      { from: 8000, to: 8000 },
    ])
    expect(parsePorts('')).to.deep.equal([])
    expect(parsePorts(' 1024 - 65535 ')).to.deep.equal([{ from: 1024, to: 65_535 }])
  })

  for (const text of ['80', '1023', '3000-2999', '65536', '3000,', ',', 'x', '-1', '3000-', '3000-4000-5000', '3e3'])
    it(`refuse ${JSON.stringify(text)}`, () => expect(parsePorts(text)).to.equal(null))

  it('hold their ends and what is between, whatever way they are written down', () => {
    const port = fc.integer({ min: 1024, max: 65_535 })
    fc.assert(
      fc.property(port, port, port, (a, b, asked) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const ranges = parsePorts(showPorts([{ from, to }])) ?? []
        expect(holdsPort(ranges, asked)).to.equal(asked >= from && asked <= to)
      }),
    )
  })
})
