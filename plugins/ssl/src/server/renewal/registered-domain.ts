import { createRequire } from 'node:module'
import { isIPv4, isIPv6 } from 'node:net'
import { canonicalAddress } from '../pem/names.js'

const require = createRequire(import.meta.url)

/**
 * What an authority counts a name under: the part that was bought, by the Public Suffix List with its private section,
 * as Let's Encrypt does ("It's not our intent to prohibit issuance to names in the private section of the PSL … just use
 * the full name as the key for the rate limit", letsencrypt/boulder#1572, and #2681): `a.github.io` counts alone, and a
 * name that is a public suffix itself counts as itself. An IPv4 address counts as itself, an IPv6 address with its /64
 * (letsencrypt.org/docs/rate-limits).
 */
export function registeredDomain(name: string): string {
  const host = name.toLowerCase().replace(/^\*\./, '')
  if (isIPv4(host)) return host
  if (isIPv6(host)) return network64(host)
  // The list is large, and only limits ask for it.
  const { getDomain } = require('tldts') as typeof import('tldts')
  return getDomain(host, { allowPrivateDomains: true }) ?? host
}

function network64(address: string): string {
  const [head = '', tail] = canonicalAddress(address).split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return canonicalAddress(`${[...front, ...zeros, ...back].slice(0, 4).join(':')}::`).concat('/64')
}
