import { isIP, SocketAddress } from 'node:net'

/** What a certificate is for, from its subject alternative names alone. */
export interface CertifiedNames {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

export interface Coverage {
  readonly covered: readonly string[]
  readonly missing: readonly string[]
}

/**
 * Whether a certified name (RFC 6125 §6.4.3) covers a wished one, which may be a wildcard itself. A `*` stands for
 * exactly one left-most label and for nothing in part.
 */
export function covers(certified: string, wished: string): boolean {
  const [pattern, name] = [certified.toLowerCase(), wished.toLowerCase()]
  if (pattern === name) return pattern !== ''
  if (!pattern.startsWith('*.') || name.startsWith('*')) return false
  const dot = name.indexOf('.')
  // At least two labels after the star: no certificate is for a whole top level name.
  return dot > 0 && pattern.indexOf('.', 2) > 0 && name.slice(dot) === pattern.slice(1)
}

/** Which of the wished names and addresses a certificate is for. The common name never counts (RFC 9525 §2). */
export function coverage({ names, addresses }: CertifiedNames, wished: readonly string[]): Coverage {
  const own = new Set(addresses.map(canonicalAddress))
  const isCovered = (name: string) =>
    isIP(name) ? own.has(canonicalAddress(name)) : names.some(certified => covers(certified, name))
  return { covered: wished.filter(isCovered), missing: wished.filter(name => !isCovered(name)) }
}

/** One spelling for each address: `2001:DB8:0::1` and `2001:db8::1` are the same. */
export function canonicalAddress(address: string): string {
  const family = isIP(address)
  if (family === 0) return address.toLowerCase()
  return new SocketAddress({ address, family: family === 6 ? 'ipv6' : 'ipv4' }).address
}
