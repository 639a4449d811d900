import { isIPv6 } from 'node:net'
import type { Outcome } from './challenge.js'
import type { Finding, Status } from './finding.js'

/** What the asked addresses answered, each fault once for each family. */
export function challengeFindings(name: string, outcomes: readonly Outcome[]): Finding[] {
  const faults = outcomes.filter(({ reached }) => !reached)
  const [first] = outcomes
  if (first && faults.length === 0)
    return [{ check: 'challenge', name, status: 'ok', code: 'challenge_ok', params: first.params }]
  return faults.filter(isFirst).map(fault => ({
    check: 'challenge' as const,
    name,
    status: statusOf(fault, outcomes),
    code: fault.code,
    params: fault.params,
  }))
}

function isFirst(fault: Outcome, index: number, faults: readonly Outcome[]): boolean {
  const alike = ({ code, address }: Outcome) => code === fault.code && isIPv6(address) === isIPv6(fault.address)
  return faults.findIndex(alike) === index
}

/**
 * Whether the world has a way is not known where only a router's way back is missing, nor where this server has no IPv6.
 * An authority that gets no answer by IPv6 tries IPv4 (letsencrypt.org/docs/ipv6-support).
 */
function statusOf({ code, unanswered, address }: Outcome, outcomes: readonly Outcome[]): Status {
  if (code === 'challenge_nat' || (code === 'challenge_unroutable' && isIPv6(address))) return 'warning'
  const otherwise = outcomes.some(other => other.reached && !isIPv6(other.address))
  return unanswered && isIPv6(address) && otherwise ? 'warning' : 'failed'
}

/** Whether a service answers in front of this server; nothing when nobody answered. */
export function proxyFindings(name: string, outcomes: readonly Outcome[]): Finding[] {
  if (outcomes.every(({ unanswered, code }) => unanswered || code === 'challenge_broken')) return []
  const behind = outcomes.filter(({ proxy }) => proxy !== null)
  const [first] = behind
  if (!first) return [{ check: 'proxy', name, status: 'ok', code: 'proxy_none', params: {} }]
  const params = { proxy: first.proxy ?? '', address: first.address }
  if (behind.every(({ reached }) => reached))
    return [{ check: 'proxy', name, status: 'warning', code: 'proxy_present', params }]
  return [{ check: 'proxy', name, status: 'failed', code: 'proxy_intercepts', params }]
}
