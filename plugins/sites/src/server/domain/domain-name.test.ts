import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../input/refusals.js'
import { claims, parseDomainName, unicodeName } from './domain-name.js'

const reason = (input: string, rules = {}) => {
  try {
    parseDomainName(input, rules)
  } catch (error) {
    if (error instanceof Refusal) return error.reason
    throw error
  }
  return 'accepted'
}

describe('DomainName', () => {
  it('reads names as people type them', () => {
    expect(parseDomainName('Example.TEST')).to.equal('example.test')
    expect(parseDomainName('bücher.example')).to.equal('xn--bcher-kva.example')
    expect(parseDomainName('BÜCHER.example')).to.equal('xn--bcher-kva.example')
    expect(parseDomainName('xn--bcher-kva.example')).to.equal('xn--bcher-kva.example')
    expect(parseDomainName('straße.example')).to.equal('xn--strae-oqa.example')
    expect(parseDomainName('пример.рф')).to.equal('xn--e1afmkfd.xn--p1ai')
    expect(parseDomainName('例え.テスト')).to.equal('xn--r8jz45g.xn--zckzah')
    expect(parseDomainName('a.localhost')).to.equal('a.localhost')
    expect(parseDomainName('сом.ua')).to.equal('xn--l1adi.ua')
    expect(unicodeName(parseDomainName('col·legi.test'))).to.equal('col·legi.test')
    expect(unicodeName(parseDomainName('ジョン・レノン.test'))).to.equal('ジョン・レノン.test')
    expect(unicodeName(parseDomainName('hawaiʻi.test'))).to.equal('hawaiʻi.test')
    expect(unicodeName('*.xn--bcher-kva.example')).to.equal('*.bücher.example')
  })

  for (const [input, expected] of [
    ['', 'domain_empty'],
    ['ex ample.id', 'domain_character'],
    ['a_b.test', 'domain_character'],
    ['a\nb.test', 'domain_character'],
    ['a\u0000.test', 'domain_character'],
    ['a\u200d.test', 'domain_character'],
    ['a\u202eb.test', 'domain_character'],
    ['a\ud800.test', 'domain_character'],
    ['a;b.test', 'domain_character'],
    ['a{b.test', 'domain_character'],
    ['a"b.test', 'domain_character'],
    ['$host.test', 'domain_character'],
    ['../a.test', 'domain_character'],
    ['a。test', 'domain_character'],
    ['i❤.test', 'domain_character'],
    ['https://example.test/x', 'domain_url'],
    ['example.test.', 'domain_trailing_dot'],
    ['a..test', 'domain_empty_label'],
    ['.test', 'domain_empty_label'],
    [`${'a'.repeat(64)}.test`, 'domain_label_long'],
    [`${'ab.'.repeat(90)}test`, 'domain_long'],
    ['-a.test', 'domain_hyphen'],
    ['a-.test', 'domain_hyphen'],
    ['ab--c.test', 'domain_reserved_hyphens'],
    ['127.0.0.1', 'domain_address'],
    ['0x7f.1', 'domain_address'],
    ['2130706433', 'domain_address'],
    ['::1', 'domain_address'],
    ['[::1]', 'domain_address'],
    ['a.123', 'domain_numeric'],
    ['intranet', 'domain_single'],
    ['xn--a.test', 'domain_encoding'],
    ['xn--.test', 'domain_hyphen'],
    ['ｅxample.test', 'domain_compatibility'],
    ['example.\u212aom', 'domain_compatibility'],
    ['exаmple.test', 'domain_mixed_scripts'],
    ['xn--exmple-4nf.test', 'domain_mixed_scripts'],
    ['аррӏе.test', 'domain_confusable'],
    ['օս.test', 'domain_confusable'],
    ['იოყ.test', 'domain_confusable'],
    ['сом.com', 'domain_confusable'],
    ['ɡoogle.test', 'domain_letter'],
    ['dɑta.test', 'domain_letter'],
    ['i\u0307x.test', 'domain_letter'],
    ['a\u0337b.test', 'domain_letter'],
    ['www·bank.test', 'domain_middle_dot'],
    ['・bank.test', 'domain_middle_dot'],
    ['EXAMPLE.TEST.', 'domain_trailing_dot'],
    ['LOCALHOST', 'domain_panel'],
    ['localhost', 'domain_panel'],
    ['*.example.test', 'domain_wildcard'],
    ['a.*.test', 'domain_wildcard_place'],
  ] as const)
    it(`refuses ${JSON.stringify(input)} with a reason`, () => expect(reason(input)).to.equal(expected))

  it('takes a wildcard only as the whole first part, of a name with two parts', () => {
    const rules = { wildcard: true }
    expect(parseDomainName('*.Example.test', rules)).to.equal('*.example.test')
    expect(reason('*.test', rules)).to.equal('domain_wildcard_broad')
    expect(reason('*a.example.test', rules)).to.equal('domain_wildcard_place')
    expect(reason('*.*.example.test', rules)).to.equal('domain_wildcard_place')
  })

  it("never gives a site the panel's name, not even through a wildcard", () => {
    const rules = { panelHosts: ['panel.example.test'], wildcard: true }
    expect(reason('PANEL.example.test', rules)).to.equal('domain_panel')
    expect(reason('*.example.test', rules)).to.equal('domain_panel')
    expect(reason('*.test.test', { panelHosts: ['A.B.Test.Test.'], wildcard: true })).to.equal('domain_panel')
    expect(reason('www.example.test', rules)).to.equal('accepted')
  })

  it('accepts nothing but host names of RFC 1123 in ASCII, and what it accepts it accepts again', () => {
    const messy = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'ab-.*_xn е"{};$\n\u0000ü😀') }),
      fc.domain(),
    )
    fc.assert(
      fc.property(messy, input => {
        let name: string
        try {
          name = parseDomainName(input, { wildcard: true })
        } catch (error) {
          expect(error).to.be.instanceOf(Refusal)
          return
        }
        expect(name).to.match(/^(?:\*\.)?(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{1,63}(?<!-)$/)
        expect(name.length).to.be.at.most(253)
        expect(parseDomainName(name, { wildcard: true })).to.equal(name)
        expect(parseDomainName(unicodeName(name), { wildcard: true })).to.equal(name)
      }),
      { numRuns: 2000 },
    )
  })

  it('knows which names a wildcard claims', () => {
    expect(claims('*.a.test', 'b.a.test')).to.equal(true)
    expect(claims('*.a.test', 'c.b.a.test')).to.equal(true)
    expect(claims('*.a.test', 'a.test')).to.equal(false)
    expect(claims('*.a.test', 'ba.test')).to.equal(false)
  })
})
