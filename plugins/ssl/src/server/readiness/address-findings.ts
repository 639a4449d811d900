import { isIPv4, isIPv6 } from 'node:net'
import type { Outcome } from './challenge.js'
import type { Finding, FindingCode, FindingParams, Status } from './finding.js'
import type { Answer } from './resolver.js'
import { isBehindNat, type Place, placeOf, publicAddresses, type ServerAddresses } from './server-addresses.js'

export interface AddressAnswers {
  readonly a: Answer<string>
  readonly aaaa: Answer<string>
}

export function addressesIn({ a, aaaa }: AddressAnswers): string[] {
  return [aaaa, a].flatMap(answer => (answer.kind === 'records' ? answer.records : []))
}

/**
 * Whether a name leads to this server.
 *
 * @param outcomes of asking for the challenge: an address that gave the right answer leads here, whoever has it
 */
export function addressFindings(
  name: string,
  answers: AddressAnswers,
  server: ServerAddresses,
  outcomes: readonly Outcome[] = [],
): Finding[] {
  const finding = (status: Status, code: FindingCode, params: FindingParams): Finding => ({
    check: 'address',
    name,
    status,
    code,
    params,
  })
  const addresses = addressesIn(answers)
  const unresolved = unresolvedFindings(answers, addresses.length > 0, finding)
  if (addresses.length > 0) return [...unresolved, ...placed(addresses, server, outcomes, finding)]
  return unresolved.length > 0 ? unresolved : [finding('failed', 'address_none', {})]
}

type Make = (status: Status, code: FindingCode, params: FindingParams) => Finding

function unresolvedFindings({ a, aaaa }: AddressAnswers, resolved: boolean, finding: Make): Finding[] {
  if (!resolved && [a, aaaa].some(({ kind }) => kind === 'nonexistent'))
    return [finding('failed', 'address_nxdomain', {})]
  const failures = Object.entries({ A: a, AAAA: aaaa }).flatMap(([type, answer]) =>
    answer.kind === 'failed' ? [{ type, ...answer }] : [],
  )
  const [first] = failures.toSorted((x, y) => Number(y.answered) - Number(x.answered))
  if (!first) return []
  const params = { type: failures.map(({ type }) => type).join(', '), reason: first.reason }
  if (!first.answered) return [finding('warning', 'address_unresolved', params)]
  return [finding(resolved ? 'warning' : 'failed', 'address_servfail', params)]
}

function placed(
  addresses: readonly string[],
  server: ServerAddresses,
  outcomes: readonly Outcome[],
  finding: Make,
): Finding[] {
  const proxied = outcomes.filter(
    ({ address, proxy }) => proxy !== null && ['elsewhere', 'unknown'].includes(placeOf(address, server)),
  )
  const explained = (address: string) => {
    const outcome = outcomes.find(one => one.address === address)
    // Of many addresses of a service in front, only some are asked.
    return outcome ? outcome.reached || outcome.proxy !== null : proxied.length > 0
  }
  const placedAt = (place: Place) => addresses.filter(address => placeOf(address, server) === place)
  const at = (place: Place) => placedAt(place).filter(address => !explained(address))
  const isNat = isBehindNat(server)
  const found = [
    ...elsewhere(at('elsewhere'), addresses.length, server, finding),
    ...some(placedAt('private'), list => finding(isNat ? 'warning' : 'failed', 'address_private', { addresses: list })),
    ...some(placedAt('inside'), list => finding('warning', 'address_inside', { addresses: list })),
    ...some(at('unknown'), list => finding('warning', 'address_nat', { addresses: list })),
    ...some(
      proxied.map(({ address }) => address),
      list => finding('warning', 'address_proxied', { addresses: list, proxy: proxied[0]?.proxy ?? '' }),
    ),
  ]
  return found.length > 0 ? found : [finding('ok', 'address_ok', { addresses: addresses.join(', ') })]
}

/** The classic fault stands alone: the A record is right, and an AAAA record of former times leads away. */
function elsewhere(wrong: readonly string[], all: number, server: ServerAddresses, finding: Make): Finding[] {
  const own = publicAddresses(server)
  const params = (list: readonly string[], family: (address: string) => boolean) => ({
    addresses: list.join(', '),
    own: own.filter(family).join(', ') || 'none',
  })
  if (wrong.length === 0) return []
  if (wrong.length === all)
    return [
      finding(
        'failed',
        'address_elsewhere',
        params(wrong, () => true),
      ),
    ]
  const [v6, v4] = [wrong.filter(isIPv6), wrong.filter(isIPv4)]
  return [
    ...(v6.length > 0 ? [finding('failed', 'address_aaaa_elsewhere', params(v6, isIPv6))] : []),
    ...(v4.length > 0 ? [finding('failed', 'address_partly', params(v4, isIPv4))] : []),
  ]
}

function some(addresses: readonly string[], make: (list: string) => Finding): Finding[] {
  return addresses.length > 0 ? [make(addresses.join(', '))] : []
}
