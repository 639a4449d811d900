import { type Finding, type FindingCode, type FindingParams, type Status, shown } from './finding.js'
import { type IssueProperty, parseIssueProperty, valuesOf } from './issue-property.js'
import type { Answer, CaaRecord, NameResolver } from './resolver.js'

export type ChallengeMethod = 'http-01' | 'dns-01' | 'tls-alpn-01'

/** As whom an order is made, and how. */
export interface Issuer {
  /** `caaIdentities` of the authority's directory, such as `letsencrypt.org`. */
  readonly identities: readonly string[]
  /** URL of the account; null before there is one. */
  readonly accountUri: string | null
  readonly method: ChallengeMethod
}

/** Tags with a meaning that stands in no way of an order (RFC 8659 §4.4, RFC 9495, CA/Browser Forum). */
const known = ['issue', 'issuewild', 'iodef', 'issuemail', 'issuevmc', 'contactemail', 'contactphone']

/** Whether the owner of the domain lets the authority issue (RFC 8659 §3, RFC 8657). */
export async function caaFindings(name: string, issuer: Issuer, resolver: NameResolver): Promise<Finding[]> {
  const isWildcard = name.startsWith('*.')
  const finding = (status: Status, code: FindingCode, params: FindingParams): Finding[] => [
    { check: 'caa', name, status, code, params },
  ]
  const { at, answer } = await relevantSet(isWildcard ? name.slice(2) : name, resolver)
  if (answer.kind === 'failed') {
    const params = { at, reason: answer.reason }
    return answer.answered ? finding('failed', 'caa_servfail', params) : finding('warning', 'caa_unresolved', params)
  }
  if (answer.kind !== 'records') return finding('ok', 'caa_none', {})
  const unknown = answer.records.find(({ critical, tag }) => critical && !known.includes(tag))
  if (unknown) return finding('failed', 'caa_critical', { at, tag: shown(unknown.tag, 40) })
  const properties = propertiesFor(answer.records, isWildcard)
  const verdict = properties.length === 0 ? null : judge(properties, issuer)
  const identities = issuer.identities.join(', ')
  if (verdict === null) return finding('ok', 'caa_ok', { at, identities })
  // Most private authorities look at no CAA records, and those that do say so in their directory.
  if (identities === '') return finding('warning', 'caa_authority_unknown', { allowed: '–', ...verdict.params, at })
  const status = verdict.code === 'caa_account_unknown' ? 'warning' : 'failed'
  return finding(status, verdict.code, { at, identities, ...verdict.params })
}

/** Climbs from the name to its top level domain; the first name with records decides. */
async function relevantSet(name: string, resolver: NameResolver): Promise<{ at: string; answer: Answer<CaaRecord> }> {
  const labels = name.split('.')
  for (const index of labels.keys()) {
    const at = labels.slice(index).join('.')
    const answer = await resolver.caa(at)
    if (answer.kind === 'records' || answer.kind === 'failed') return { at, answer }
  }
  return { at: name, answer: { kind: 'none' } }
}

function propertiesFor(records: readonly CaaRecord[], isWildcard: boolean): IssueProperty[] {
  const tagged = (wanted: string) => records.filter(({ tag }) => tag === wanted)
  const wild = tagged('issuewild')
  return (isWildcard && wild.length > 0 ? wild : tagged('issue')).map(({ value }) => parseIssueProperty(value))
}

type Verdict = { readonly code: FindingCode; readonly params: FindingParams }

/** Null when one property lets the authority; otherwise what came nearest to it. */
function judge(properties: readonly IssueProperty[], issuer: Issuer): Verdict | null {
  const identities = issuer.identities.map(identity => identity.toLowerCase())
  const own = properties.filter(property => identities.includes(property.issuer))
  const others = [...new Set(properties.map(property => property.issuer).filter(Boolean))]
  if (own.length === 0 && others.length === 0) return { code: 'caa_forbidden', params: {} }
  if (own.length === 0) return { code: 'caa_other', params: { allowed: shown(others.join(', ')) } }
  const verdicts = own.map(property => judgeParameters(property, issuer))
  if (verdicts.includes(null)) return null
  const nearness: FindingCode[] = ['caa_account_unknown', 'caa_method', 'caa_account']
  return nearness.flatMap(code => verdicts.filter(verdict => verdict?.code === code))[0] ?? null
}

function judgeParameters(property: IssueProperty, { accountUri, method }: Issuer): Verdict | null {
  const methods = valuesOf(property, 'validationmethods')
  // RFC 8657 §4: one list; authorities that meet two take none.
  const allowed = methods[0]?.split(',').map(value => value.toLowerCase()) ?? []
  if (methods.length > 1 || (methods.length === 1 && !allowed.includes(method)))
    return { code: 'caa_method', params: { method, allowed: shown(methods.join(', ')) } }
  const accounts = valuesOf(property, 'accounturi')
  if (accounts.length === 0) return null
  const params = { account: accountUri ?? '–', allowed: shown(accounts.join(', ')) }
  if (accounts.length === 1 && accountUri === null) return { code: 'caa_account_unknown', params }
  return accounts.length === 1 && accounts[0] === accountUri ? null : { code: 'caa_account', params }
}
