import { isIP, isIPv6 } from 'node:net'
import { type FindingCode, type FindingParams, shown } from './finding.js'
import type { Get, GetResponse } from './get.js'
import { proxyOf } from './proxies.js'
import type { NameResolver } from './resolver.js'
import { isOnInterface, isPublicAddress, placeOf, type ServerAddresses } from './server-addresses.js'

/** What is asked for, and what this server answers to it. */
export interface Probe {
  readonly token: string
  readonly body: string
}

export interface ChallengeQuestion {
  readonly name: string
  readonly probe: Probe
  /** Those the name resolves to; redirects may lead back to them although the world has no way there. */
  readonly addresses: readonly string[]
  readonly server: ServerAddresses
  readonly resolver: NameResolver
  readonly get: Get
  readonly signal: AbortSignal
}

/** How the challenge's URL was answered when one address of the name was asked. */
export interface Outcome {
  readonly address: string
  readonly reached: boolean
  readonly code: FindingCode
  readonly params: FindingParams
  /** Whether nothing was answered at all, so that an authority would try another address. */
  readonly unanswered: boolean
  readonly proxy: string | null
}

type Fault = { readonly code: FindingCode; readonly params: FindingParams; readonly unanswered?: boolean }

/** Let's Encrypt and others follow so many. */
const maxRedirects = 10
const maxAddresses = 2

/**
 * Which addresses are asked: some of each family that the world can reach or that are this server's own. Nothing else of
 * a private network is ever connected to, whatever a name resolves to.
 */
export function askedAddresses(addresses: readonly string[], server: ServerAddresses): string[] {
  const allowed = addresses.filter(address => placeOf(address, server) !== 'private')
  const [v6, v4] = [allowed.filter(isIPv6), allowed.filter(address => !isIPv6(address))]
  return [...v6.slice(0, maxAddresses), ...v4.slice(0, maxAddresses)]
}

/** Asks one address for the challenge as an authority does (RFC 8555 §8.3), following redirects. */
export async function askForChallenge(question: ChallengeQuestion, address: string): Promise<Outcome> {
  const start = new URL(`http://${question.name}/.well-known/acme-challenge/${question.probe.token}`)
  const trail = new Trail(question, address)
  const fault = await trail.follow(start)
  return {
    address,
    reached: fault === null,
    code: fault?.code ?? 'challenge_ok',
    params: { address, ...fault?.params },
    unanswered: fault?.unanswered ?? false,
    proxy: trail.proxy,
  }
}

/** One way through redirects, from the first address to an answer. */
class Trail {
  proxy: string | null = null
  readonly #seen = new Set<string>()

  constructor(
    private readonly question: ChallengeQuestion,
    private readonly first: string,
  ) {}

  async follow(start: URL): Promise<Fault | null> {
    let [url, address] = [start, this.first]
    for (;;) {
      this.#seen.add(url.href)
      const response = await this.#get(url, address)
      if ('code' in response) return response
      const location = redirectOf(response)
      if (location === null) return this.#judge(response, url, address)
      const next = await this.#next(location, url)
      if ('code' in next) return next
      url = next.url
      address = next.address
    }
  }

  async #get(url: URL, address: string): Promise<GetResponse | Fault> {
    const { get, signal, server } = this.question
    try {
      const response = await get({ url, address, signal })
      // Who answers on an interface of this server is this server, whatever its applications write.
      if (!isOnInterface(address, server)) this.proxy ??= shownProxy(response)
      return response
    } catch (error) {
      return this.#connectionFault(error as NodeJS.ErrnoException, url, address)
    }
  }

  #connectionFault(error: NodeJS.ErrnoException, url: URL, address: string): Fault {
    const params = { url: shown(url.href), address, reason: shown(error.code ?? error.message) }
    const code = connectionCode(error, this.question.signal)
    if (code === 'challenge_broken') return { code, params }
    const { server } = this.question
    const routed = ['ours', 'unknown'].includes(placeOf(address, server)) && !isOnInterface(address, server)
    return { code: routed ? 'challenge_nat' : code, params, unanswered: this.#seen.size === 1 }
  }

  #judge({ status, headers, body }: GetResponse, url: URL, address: string): Fault | null {
    const { probe, server } = this.question
    if (status === 200 && body.trimEnd() === probe.body.trimEnd()) return null
    const params = {
      url: shown(url.href),
      address,
      status,
      server: shown([headers.server ?? ''].flat().join(' '), 60) || '–',
    }
    const isOurs = ['ours', 'inside'].includes(placeOf(address, server))
    return { code: isOurs ? statusCode(status) : 'challenge_other_server', params }
  }

  async #next(location: string, from: URL): Promise<{ url: URL; address: string } | Fault> {
    const url = URL.parse(location, from)
    const params = { url: shown(from.href), location: shown(location) }
    if (!url || !isFollowed(url)) return { code: 'challenge_redirect_target', params }
    // A fragment is never sent, so it makes no other request.
    url.hash = ''
    if (this.#seen.has(url.href) || this.#seen.size > maxRedirects)
      return { code: 'challenge_redirect_loop', params: { ...params, count: this.#seen.size } }
    if (url.hostname === this.question.name) return { url, address: this.first }
    const addresses = await this.#addressesOf(url.hostname.replace(/^\[|\]$/g, ''))
    if (addresses.length === 0) return { code: 'challenge_redirect_target', params }
    const allowed = addresses.find(one => isPublicAddress(one) || this.#isAsked(one))
    return allowed ? { url, address: allowed } : { code: 'challenge_redirect_private', params }
  }

  #isAsked(address: string): boolean {
    const { addresses, server } = this.question
    return addresses.includes(address) && placeOf(address, server) !== 'private'
  }

  async #addressesOf(host: string): Promise<string[]> {
    if (isIP(host)) return [host]
    const { resolver } = this.question
    const answers = await Promise.all([resolver.aaaa(host), resolver.a(host)])
    return answers.flatMap(answer => (answer.kind === 'records' ? answer.records : []))
  }
}

function redirectOf({ status, headers }: GetResponse): string | null {
  const location = headers.location
  return [301, 302, 303, 307, 308].includes(status) && typeof location === 'string' ? location : null
}

/** As authorities do: the web's schemes and their ports alone. */
function isFollowed({ protocol, port, hostname }: URL): boolean {
  return /^https?:$/.test(protocol) && ['', '80', '443'].includes(port) && hostname !== ''
}

function connectionCode({ code = '', name }: NodeJS.ErrnoException, signal: AbortSignal): FindingCode {
  if (code === 'ECONNREFUSED') return 'challenge_refused'
  if (code === 'ETIMEDOUT' || name === 'AbortError' || name === 'TimeoutError' || signal.aborted)
    return 'challenge_timeout'
  if (['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(code))
    return 'challenge_unroutable'
  return 'challenge_broken'
}

function statusCode(status: number): FindingCode {
  if (status === 200) return 'challenge_content'
  if (status === 404) return 'challenge_not_found'
  return status === 401 || status === 403 ? 'challenge_denied' : 'challenge_status'
}

function shownProxy({ headers }: GetResponse): string | null {
  const proxy = proxyOf(headers)
  return proxy === null ? null : shown(proxy, 60)
}
