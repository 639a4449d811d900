import { setTimeout as delay } from 'node:timers/promises'
import { ask } from './ask.js'
import { followDelegation } from './delegation.js'
import { type Endpoint, showEndpoint } from './endpoint.js'
import { NotPropagated } from './errors.js'
import type { ChallengeRecord } from './provider.js'
import { Resolver } from './resolver.js'
import { NoAnswer } from './transport.js'

export interface PropagationOptions {
  readonly signal: AbortSignal
  readonly resolver?: Resolver
  /** Milliseconds in all; ten minutes when left out. */
  readonly timeout?: number
  /** After each round: how many of the servers answered with the value. */
  readonly progress?: (seen: number, of: number) => void
  /** Who is asked, in place of the servers that the zone names. */
  readonly nameservers?: readonly Endpoint[]
  /** Where the server of an address is asked; port 53 when left out. */
  readonly endpoint?: (address: string) => Endpoint
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

export interface LackingServer {
  readonly name: string
  /** Empty when the name has no address. */
  readonly address: string
  /** `absent`, `not_authoritative`, a response code such as `REFUSED`, or the system's word: `ETIMEDOUT`. */
  readonly reason: string
}

export interface Propagation {
  /** The name that was asked for, at the end of the CNAMEs. */
  readonly name: string
  readonly seen: number
  readonly of: number
  /** Empty when everybody has the value. */
  readonly lacking: readonly LackingServer[]
}

const tenMinutes = 600_000
const [firstPause, longestPause] = [1000, 15_000]
/** This machine has no way there, so it cannot tell: an IPv6 address where there is no IPv6. */
const noRoute = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

/**
 * Waits until every authoritative server of the zone, each at every address, answers with the value. They are asked
 * themselves and without recursion, because whoever validates may ask any of them, and caches would tell of yesterday.
 * Addresses that this machine has no route to count only when there are no others.
 *
 * @returns also when the time is over; see {@link requirePropagation}
 * @throws LookupFailed and the others of the way to the servers, or the signal's reason
 */
export async function waitForPropagation(record: ChallengeRecord, options: PropagationOptions): Promise<Propagation> {
  const { signal, nameservers, resolver = new Resolver(), timeout = tenMinutes, now = Date.now, wait = pause } = options
  const end = now() + timeout
  const name = await followDelegation(record.name, resolver, signal)
  let servers = nameservers?.map(given) ?? (await authoritativeServers(name, resolver, signal))
  for (let length = firstPause; ; length = Math.min(length * 2, longestPause)) {
    servers = routable(await look(servers, { name, value: record.value }, options))
    const lacking = servers.filter(server => server.reason !== undefined)
    const [seen, of] = [servers.length - lacking.length, servers.length]
    options.progress?.(seen, of)
    const left = end - now()
    if (!lacking.length || left <= 0) return { name, seen, of, lacking: lacking as LackingServer[] }
    await wait(Math.min(length, left), signal)
    signal.throwIfAborted()
  }
}

/** @throws NotPropagated that names those who lack the value */
export function requirePropagation({ name, seen, of, lacking }: Propagation): void {
  if (!lacking.length) return
  const servers = lacking.map(server => `${server.name} ${server.address} (${server.reason})`).join(', ')
  throw NotPropagated({ name, seen, of, servers })
}

interface Server {
  readonly name: string
  readonly address: string
  /** Where it is asked, when that was given. */
  readonly at?: Endpoint
  /** Why it lacks the value; undefined once it was seen there. */
  readonly reason: string | undefined
}

function given(at: Endpoint): Server {
  return { name: showEndpoint(at), address: at.address, at, reason: 'absent' }
}

async function authoritativeServers(name: string, resolver: Resolver, signal: AbortSignal): Promise<readonly Server[]> {
  const zone = await resolver.zoneOf(name, signal)
  const hosts = await resolver.nameservers(zone, signal)
  const found = hosts.map(async (host): Promise<readonly Server[]> => {
    const addresses = await resolver.addresses(host, signal)
    if (!addresses.length) return [{ name: host, address: '', reason: 'no_address' }]
    return addresses.map(address => ({ name: host, address, reason: 'absent' }))
  })
  return (await Promise.all(found)).flat()
}

/** Asks those again that have not shown the value yet. */
function look(
  servers: readonly Server[],
  record: ChallengeRecord,
  { signal, endpoint = address => ({ address, port: 53 }) }: PropagationOptions,
): Promise<readonly Server[]> {
  return Promise.all(
    servers.map(async server => {
      if (server.reason === undefined || !server.address) return server
      return { ...server, reason: await lackOf(server.at ?? endpoint(server.address), record, signal) }
    }),
  )
}

async function lackOf(
  at: Endpoint,
  { name, value }: ChallengeRecord,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { rcode, authoritative, answers } = await ask(at, { name, type: 'TXT' }, false, signal)
    if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return rcode
    if (!authoritative) return 'not_authoritative'
    return answers.some(record => record.type === 'TXT' && record.data === value) ? undefined : 'absent'
  } catch (error) {
    if (error instanceof NoAnswer) return error.reason
    throw error
  }
}

function routable(servers: readonly Server[]): readonly Server[] {
  const reached = servers.filter(({ reason }) => reason === undefined || !noRoute.has(reason))
  return reached.some(server => server.address) ? reached : servers
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(error => {
    signal.throwIfAborted()
    throw error
  })
}
