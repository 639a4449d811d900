import type { Budget } from '../renewal/limits.js'
import { addressesIn, addressFindings } from './address-findings.js'
import { budgetFindings } from './budget-findings.js'
import { caaFindings, type Issuer } from './caa.js'
import { askedAddresses, askForChallenge, type Outcome, type Probe } from './challenge.js'
import { challengeFindings, proxyFindings } from './challenge-findings.js'
import type { Finding } from './finding.js'
import type { Get } from './get.js'
import type { Answer, NameResolver } from './resolver.js'
import type { ServerAddresses } from './server-addresses.js'

export interface ReadinessDeps {
  readonly resolver: NameResolver
  readonly server: ServerAddresses
  readonly issuer: Issuer
  /** What the web server answers by now to the challenge's URL; without it nothing is fetched. */
  readonly probe?: Probe | null
  readonly get: Get
  /** Of the names of the order together. */
  readonly budget?: Budget | null
  readonly signal?: AbortSignal
  /** Milliseconds for each check of a name. Default 5000. */
  readonly patience?: number
}

export type OnFinding = (finding: Finding) => void

const atOnce = 10

/** {@link checkReadiness} for the names of a site, ten at a time; findings come as they are found. */
export async function checkSite(
  names: readonly string[],
  deps: ReadinessDeps,
  onFinding: OnFinding = () => {},
): Promise<Finding[]> {
  const found = new Map<string, Finding[]>()
  const waiting = [...new Set(names)]
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      found.set(name, await checkReadiness(name, deps, onFinding))
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return [...new Set(names)].flatMap(name => found.get(name) ?? [])
}

/**
 * What stands in the way of a certificate for a name, in the order of the checks. It only tells; whether to order is not
 * decided here. How a name is reached counts only where the authority comes by HTTP.
 */
export async function checkReadiness(
  name: string,
  deps: ReadinessDeps,
  onFinding: OnFinding = () => {},
): Promise<Finding[]> {
  const tell = (findings: Finding[]) => {
    for (const finding of findings) onFinding(finding)
    return findings
  }
  const reached = deps.issuer.method === 'http-01' && !name.startsWith('*.') ? reachFindings(name, deps) : []
  const [reach, caa, budget] = await Promise.all([
    Promise.resolve(reached).then(tell),
    caaOf(name, deps).then(tell),
    tell(deps.budget ? budgetFindings(name, deps.budget) : []),
  ])
  const order = (check: Finding['check']) => reach.filter(finding => finding.check === check)
  return [...order('address'), ...caa, ...order('challenge'), ...order('proxy'), ...budget]
}

async function reachFindings(name: string, deps: ReadinessDeps): Promise<Finding[]> {
  const { resolver, server } = deps
  const lookup = limitOf(deps)
  const [a, aaaa] = await Promise.all([inTime(resolver.a(name), lookup), inTime(resolver.aaaa(name), lookup)])
  const outcomes = await outcomesOf(name, addressesIn({ a, aaaa }), deps)
  return [
    ...addressFindings(name, { a, aaaa }, server, outcomes),
    ...challengeFindings(name, outcomes),
    ...proxyFindings(name, outcomes),
  ]
}

async function outcomesOf(name: string, addresses: readonly string[], deps: ReadinessDeps): Promise<Outcome[]> {
  const { probe, resolver, server, get } = deps
  if (!probe) return []
  const signal = limitOf(deps)
  const question = { name, probe, addresses, server, resolver: hurried(resolver, signal), get, signal }
  return Promise.all(askedAddresses(addresses, server).map(address => askForChallenge(question, address)))
}

function caaOf(name: string, deps: ReadinessDeps): Promise<Finding[]> {
  return caaFindings(name, deps.issuer, hurried(deps.resolver, limitOf(deps)))
}

function limitOf({ signal, patience = 5000 }: ReadinessDeps): AbortSignal {
  const limit = AbortSignal.timeout(patience)
  return signal ? AbortSignal.any([signal, limit]) : limit
}

function hurried(resolver: NameResolver, signal: AbortSignal): NameResolver {
  return {
    a: name => inTime(resolver.a(name), signal),
    aaaa: name => inTime(resolver.aaaa(name), signal),
    caa: name => inTime(resolver.caa(name), signal),
  }
}

/** A query that outlives its time ends by itself later; nobody waits for it. */
async function inTime<T>(query: Promise<Answer<T>>, signal: AbortSignal): Promise<Answer<T>> {
  const late: Answer<T> = { kind: 'failed', answered: false, reason: 'TIMEOUT' }
  if (signal.aborted) return late
  const done = new AbortController()
  const ended = new Promise<Answer<T>>(resolve => {
    signal.addEventListener('abort', () => resolve(late), { once: true, signal: done.signal })
  })
  try {
    return await Promise.race([query, ended])
  } finally {
    done.abort()
  }
}
