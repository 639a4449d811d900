import type { Budget, LimitUse } from '../renewal/limits.js'
import { registeredDomain } from '../renewal/registered-domain.js'
import type { Finding } from './finding.js'

/** What the limits of the authority leave for a name; nothing is said of those that a renewal is exempt from. */
export function budgetFindings(name: string, { uses }: Budget): Finding[] {
  const wanted = name.toLowerCase()
  const concerns = ({ limit, subject }: LimitUse) =>
    limit === 'failures' ? subject === wanted : limit === 'domain' ? subject === registeredDomain(wanted) : true
  const low = uses.filter(({ binds, used, of }) => binds && used > 0 && (of - used) * 5 <= of).filter(concerns)
  if (low.length === 0) return [{ check: 'budget', name, status: 'ok', code: 'budget_ok', params: {} }]
  return low.map(({ limit, subject, used, of, freeAt }) => {
    const params = { limit, subject: subject || '–', used, of }
    if (!freeAt) return { check: 'budget', name, status: 'warning', code: 'budget_low', params }
    const whenFree = { ...params, freeAt: freeAt.toISOString() }
    return { check: 'budget', name, status: 'failed', code: 'budget_exhausted', params: whenFree }
  })
}
