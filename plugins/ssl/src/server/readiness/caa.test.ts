import { expect } from 'chai'
import fc from 'fast-check'
import { caaFindings, type Issuer } from './caa.js'
import { parseIssueProperty } from './issue-property.js'
import { resolverOf, type Zone } from './testing.js'

const account = 'https://acme-v02.api.letsencrypt.org/acme/acct/1'
const issuer: Issuer = { identities: ['letsencrypt.org'], accountUri: account, method: 'http-01' }

async function verdict(name: string, zones: Record<string, Zone>, more: Partial<Issuer> = {}): Promise<string> {
  const [finding] = await caaFindings(name, { ...issuer, ...more }, resolverOf(zones))
  return `${finding?.status} ${finding?.code}`
}

const ofRecords = (records: string[], more: Partial<Issuer> = {}, name = 'example.test') =>
  verdict(name, { 'example.test': { caa: records } }, more)

describe('CAA records', () => {
  it('are looked for from the name upwards, and the first that are found count', async () => {
    const resolver = resolverOf({
      'example.test': { caa: ['issue other.test'] },
      test: { caa: ['issue letsencrypt.org'] },
    })
    const [finding] = await caaFindings('a.b.example.test', issuer, resolver)
    expect(finding).to.deep.include({
      code: 'caa_other',
      params: { at: 'example.test', identities: 'letsencrypt.org', allowed: 'other.test' },
    })
    expect(resolver.asked).to.deep.equal(['caa a.b.example.test', 'caa b.example.test', 'caa example.test'])
    expect(await verdict('a.example.test', {})).to.equal('ok caa_none')
  })

  it('allow, forbid, or allow others', async () => {
    expect(await ofRecords(['issue letsencrypt.org'])).to.equal('ok caa_ok')
    expect(await ofRecords(['issue LetsEncrypt.org '])).to.equal('ok caa_ok')
    expect(await ofRecords(['issue other.test', 'issue letsencrypt.org'])).to.equal('ok caa_ok')
    expect(await ofRecords(['issue other.test'])).to.equal('failed caa_other')
    expect(await ofRecords(['issue ;'])).to.equal('failed caa_forbidden')
    expect(await ofRecords(['issue '])).to.equal('failed caa_forbidden')
    expect(await ofRecords(['issue %%%%'])).to.equal('failed caa_forbidden')
    expect(await ofRecords(['iodef mailto:a@example.test'])).to.equal('ok caa_ok')
    expect(await ofRecords(['issue pki.goog'], { identities: ['pki.goog', 'google.com'] })).to.equal('ok caa_ok')
  })

  it('of wildcards count for wildcards alone', async () => {
    const wildcard = (records: string[]) => ofRecords(records, {}, '*.example.test')
    expect(await wildcard(['issue letsencrypt.org', 'issuewild ;'])).to.equal('failed caa_forbidden')
    expect(await wildcard(['issue other.test', 'issuewild letsencrypt.org'])).to.equal('ok caa_ok')
    expect(await wildcard(['issue letsencrypt.org'])).to.equal('ok caa_ok')
    expect(await wildcard(['issue other.test'])).to.equal('failed caa_other')
    expect(await ofRecords(['issuewild ;'])).to.equal('ok caa_ok')
    expect(await ofRecords(['issue letsencrypt.org', 'issuewild ;'])).to.equal('ok caa_ok')
  })

  it('bind to an account and to ways of validation', async () => {
    const mine = `issue letsencrypt.org; accounturi=${account}`
    expect(await ofRecords([mine])).to.equal('ok caa_ok')
    expect(await ofRecords([`${mine}0`])).to.equal('failed caa_account')
    expect(await ofRecords([`${mine}0`, mine])).to.equal('ok caa_ok')
    expect(await ofRecords([`${mine}; accounturi=${account}`])).to.equal('failed caa_account')
    expect(await ofRecords([mine], { accountUri: null })).to.equal('warning caa_account_unknown')
    expect(await ofRecords(['issue letsencrypt.org;validationmethods=dns-01'])).to.equal('failed caa_method')
    expect(await ofRecords(['issue letsencrypt.org; validationmethods=dns-01,HTTP-01'])).to.equal('ok caa_ok')
    expect(await ofRecords(['issue letsencrypt.org; validationmethods=dns-01'], { method: 'dns-01' })).to.equal(
      'ok caa_ok',
    )
    expect(await ofRecords([`${mine}0`, 'issue letsencrypt.org; validationmethods=dns-01'])).to.equal(
      'failed caa_method',
    )
  })

  it('that nobody understands forbid when they are critical', async () => {
    expect(await ofRecords(['issue letsencrypt.org', '!future x'])).to.equal('failed caa_critical')
    expect(await ofRecords(['issue letsencrypt.org', 'future x'])).to.equal('ok caa_ok')
    expect(await ofRecords(['!issue letsencrypt.org'])).to.equal('ok caa_ok')
  })

  it('that DNS cannot tell stop authorities; that no resolver was reached does not', async () => {
    expect(await verdict('a.test', { 'a.test': { caa: 'servfail' } })).to.equal('failed caa_servfail')
    expect(await verdict('a.test', { 'a.test': {}, test: { caa: 'servfail' } })).to.equal('failed caa_servfail')
    expect(await verdict('a.test', { 'a.test': { caa: 'timeout' } })).to.equal('warning caa_unresolved')
  })

  it('never allow somebody whom they do not name', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const { issuer, parameters } = parseIssueProperty(text)
        expect(issuer === '' || text.toLowerCase().includes(issuer)).to.equal(true)
        for (const [tag, value] of parameters)
          expect(text.toLowerCase()).to.include(tag).and.include(value.toLowerCase())
      }),
    )
    expect(parseIssueProperty(' ca.test ; a = 1;b=2; ')).to.deep.equal({
      issuer: 'ca.test',
      parameters: [
        ['a', '1'],
        ['b', '2'],
      ],
    })
    expect(parseIssueProperty('ca.test; broken').issuer).to.equal('')
  })
})
