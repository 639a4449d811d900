import { BlockList, isIPv4 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { canonicalAddress } from '../pem/names.js'

/** Where this server can be reached, as far as it knows. */
export interface ServerAddresses {
  /** Of its own interfaces, from {@link interfaceAddresses}. */
  readonly own: readonly string[]
  /** Told by an administrator or found from outside: those by which the world reaches it, through NAT for instance. */
  readonly public: readonly string[]
}

/**
 * - `ours`: one by which the world reaches this server
 * - `inside`: this server's, but the world has no way there
 * - `private`: somebody else's, where the world has no way
 * - `elsewhere`: another server's
 * - `unknown`: perhaps this server's, which is behind NAT and does not know its own
 */
export type Place = 'ours' | 'inside' | 'private' | 'elsewhere' | 'unknown'

/** IANA's registries of special-purpose addresses (RFC 6890), and multicast. */
const special4 = new BlockList()
for (const range of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])
  special4.addSubnet(...subnet(range), 'ipv4')

/** All that is routed today lies in here (RFC 4291 §2.4), but for the special ones. */
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')
const special6 = new BlockList()
for (const range of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])
  special6.addSubnet(...subnet(range), 'ipv6')

/** Whether the world has a way to an address. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special4.check(address, 'ipv4')
  return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}

/** @param interfaces from `os.networkInterfaces()` */
export function interfaceAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  const all = Object.values(interfaces).flatMap(list => list ?? [])
  return all
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .map(({ address }) => canonicalAddress(address))
}

export function placeOf(address: string, server: ServerAddresses): Place {
  const isPublic = isPublicAddress(address)
  if (has(server.public, address)) return 'ours'
  if (has(server.own, address)) return isPublic ? 'ours' : 'inside'
  if (!isPublic) return 'private'
  return isIPv4(address) && isBehindNat(server) ? 'unknown' : 'elsewhere'
}

/** Nobody told it an IPv4 address by which the world reaches it, and its interfaces have none. */
export function isBehindNat(server: ServerAddresses): boolean {
  return publicAddresses(server).filter(isIPv4).length === 0
}

/** Whether a connection from here goes to an interface of this server and not over a router. */
export function isOnInterface(address: string, server: ServerAddresses): boolean {
  return has(server.own, address)
}

/** Those to which records of a name should point. */
export function publicAddresses(server: ServerAddresses): string[] {
  return [...new Set([...server.public, ...server.own.filter(isPublicAddress)].map(canonicalAddress))]
}

function has(addresses: readonly string[], address: string): boolean {
  const wanted = canonicalAddress(address)
  return addresses.some(one => canonicalAddress(one) === wanted)
}

function subnet(range: string): [net: string, prefix: number] {
  const [net = '', prefix = ''] = range.split('/')
  return [net, Number(prefix)]
}
