import { expect } from 'chai'
import type { Certificate, SiteCertificate } from '../api.js'
import { expiriesOf, type ListQuery, pageOf } from './site-list.js'

const site = (domain: string, health: SiteCertificate['health'], notAfter: string | null = null) =>
  ({
    siteId: `id-${domain}`,
    domain,
    names: [domain, `www.${domain}`],
    health,
    renewAt: null,
    certificate: notAfter ? ({ notAfter, kind: 'acme', issuer: 'O=Example Trust' } as Certificate) : null,
  }) as Partial<SiteCertificate> as SiteCertificate

const sites = [
  site('none.test', 'none'),
  site('late.test', 'ok', '2027-05-01T00:00:00.000Z'),
  site('soon.test', 'ok', '2027-01-01T00:00:00.000Z'),
  site('bad.test', 'failed', '2027-02-01T00:00:00.000Z'),
  site('also.test', 'ok', '2027-01-01T00:00:00.000Z'),
  site('hm.test', 'warning', '2027-03-01T00:00:00.000Z'),
]
const domains = (query: ListQuery) => pageOf(sites, query).items.map(({ domain }) => domain.split('.')[0])

describe('the list of how sites stand', () => {
  it('begins with what asks for attention, then with what ends first', () => {
    expect(domains({})).to.deep.equal(['bad', 'hm', 'also', 'soon', 'late', 'none'])
  })

  it('gives page after page without losing or repeating any, in every order', () => {
    for (const sort of ['attention', '-attention', 'domain', '-domain', 'end', '-end', 'issuer', 'renewal'] as const) {
      const whole = domains({ sort })
      const paged: (string | undefined)[] = []
      let cursor: string | undefined
      do {
        const page = pageOf(sites, { sort, limit: 2, ...(cursor && { cursor }) })
        expect(page.total).to.equal(6)
        paged.push(...page.items.map(({ domain }) => domain.split('.')[0]))
        cursor = page.nextCursor
      } while (cursor)
      expect(paged, sort).to.deep.equal(whole)
    }
    expect(domains({ sort: '-domain' })).to.deep.equal(domains({ sort: 'domain' }).toReversed())
  })

  it('finds by a part of a name or of the issuer', () => {
    expect(domains({ q: 'WWW.so' })).to.deep.equal(['soon'])
    expect(domains({ q: 'example trust' })).to.have.length(5)
    expect(pageOf(sites, { q: 'nothing' })).to.deep.equal({ items: [], total: 0 })
  })

  it('takes no cursor but its own', () => {
    for (const cursor of ['', 'x', Buffer.from('[1,2]').toString('base64url')])
      expect(() => pageOf(sites, { cursor }), cursor).to.throw()
  })

  it('tells when certificates end, the next first', () => {
    expect(expiriesOf(sites).map(({ domain }) => domain.split('.')[0])).to.deep.equal([
      'also',
      'soon',
      'bad',
      'hm',
      'late',
    ])
  })
})
