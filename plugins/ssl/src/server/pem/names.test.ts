import { expect } from 'chai'
import fc from 'fast-check'
import { coverage, covers } from './names.js'

const label = fc.stringMatching(/^[a-z0-9]{1,8}$/)
const name = fc.array(label, { minLength: 2, maxLength: 5 }).map(labels => labels.join('.'))

describe('the names of a certificate', () => {
  it('are for themselves, in whatever case', () => {
    fc.assert(
      fc.property(name, one => covers(one, one) && covers(one.toUpperCase(), one) && covers(`*.${one}`, `*.${one}`)),
    )
  })

  it('with a wildcard are for one label more and for nothing else', () => {
    fc.assert(
      fc.property(name, label, label, (one, first, second) => {
        expect(covers(`*.${one}`, `${first}.${one}`)).to.equal(true)
        expect(covers(`*.${one}`, one)).to.equal(false)
        expect(covers(`*.${one}`, `${second}.${first}.${one}`)).to.equal(false)
        expect(covers(`${first}.${one}`, `*.${one}`)).to.equal(false)
        expect(covers(`*.${first}.${one}`, `*.${one}`)).to.equal(false)
      }),
    )
  })

  it('agree with the definition by labels', () => {
    const pattern = fc.oneof(
      name,
      name.map(one => `*.${one}`),
    )
    fc.assert(
      fc.property(pattern, pattern, (certified, wished) => {
        const [a, b] = [certified.split('.'), wished.split('.')]
        const same =
          a.length === b.length && a.every((part, index) => part === b[index] || (index === 0 && part === '*'))
        expect(covers(certified, wished)).to.equal(same)
      }),
      { numRuns: 2000 },
    )
  })

  for (const [certified, wished] of [
    ['*', 'test'],
    ['*.test', 'example.test'],
    ['w*.example.test', 'www.example.test'],
    ['*w.example.test', 'www.example.test'],
    ['www.*.test', 'www.example.test'],
    ['*.*.test', 'a.example.test'],
    ['*.example.test', '.example.test'],
    ['', ''],
  ] as const)
    it(`do not stand for '${wished}' as '${certified}'`, () => expect(covers(certified, wished)).to.equal(false))

  it('are told apart into covered and missing, addresses by what they mean', () => {
    const certified = { names: ['*.example.test', '192.0.2.9'], addresses: ['192.0.2.1', '2001:db8::1'] }
    expect(
      coverage(certified, [
        'a.example.test',
        'example.test',
        '192.0.2.1',
        '192.0.2.9',
        '2001:DB8:0:0::1',
        '2001:db8::2',
      ]),
    ).to.deep.equal({
      covered: ['a.example.test', '192.0.2.1', '2001:DB8:0:0::1'],
      missing: ['example.test', '192.0.2.9', '2001:db8::2'],
    })
  })
})
