import { isIPv4, isIPv6 } from 'node:net'
import type { ArgumentRule, PathBase } from '@nusantara/sdk'
import { frontSocketName } from '../../host/front-socket.js'
import type { RootName } from '../config.js'
import type { ListenerName, TenantPaths } from '../host.js'

/** What the broker knows and the panel may only name: directories, users, listeners, versions. */
export interface Derivation {
  readonly roots: Readonly<Record<RootName, string>>
  /** Absent for files that belong to no tenant. */
  readonly tenant?: { readonly id: string; readonly paths: TenantPaths }
  readonly listeners: Readonly<Record<ListenerName, string>>
  userName(of: 'tenant' | 'web' | 'panel'): string
  groupName(of: 'tenant' | 'web' | 'panel'): string
  /** A key of the tenant in the broker's keeping: PKCS#8 PEM and the hash of its public key. Undefined when there is none. */
  key(name: string): { readonly pem: string; readonly spki: string } | undefined
  /** Values of `versions.<key>`. */
  versions(key: string): readonly string[]
}

type RuleOf<T extends ArgumentRule['type']> = Extract<ArgumentRule, { readonly type: T }>

/** Why a value is refused; ends with what to do. */
export class Refused extends Error {}

/** The directory a base stands for. @throws Refused for a tenant's directory in a file without a tenant */
export function baseDirectory(base: PathBase, derivation: Derivation): string {
  if (!base.startsWith('tenant:')) return derivation.roots[base as RootName]
  if (!derivation.tenant) throw new Refused('needs a tenant; send the change for one')
  return derivation.tenant.paths[base.slice('tenant:'.length) as keyof TenantPaths]
}

/**
 * A relative path without empty, `.` and `..` segments, joined to its base and checked again.
 *
 * @throws Refused
 */
export function below(base: string, relative: string): string {
  if (relative === '') return base
  if (relative.startsWith('/')) throw new Refused('is an absolute path; give one relative to its base')
  for (const segment of relative.split('/')) {
    if (segment === '' || segment === '.' || segment === '..')
      throw new Refused(`has the segment '${segment}'; give a plain relative path`)
    if (segment.startsWith('-')) throw new Refused("has a segment that begins with '-'; rename it")
    if (Buffer.byteLength(segment) > 255) throw new Refused('has a segment longer than 255 bytes; shorten it')
  }
  const joined = `${base}/${relative}`
  if (!joined.startsWith(`${base}/`) || joined.split('/').includes('..')) throw new Refused('leaves its base')
  if (joined.length > 4000) throw new Refused('is longer than 4000 characters; shorten it')
  return joined
}

const label = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/

/** ASCII host name (RFC 1123, A-labels), at most 253 characters. */
export function hostname(value: string, wildcard = false): string {
  const rest = wildcard && value.startsWith('*.') ? value.slice(2) : value
  if (rest.length > 253 || !rest.split('.').every(part => label.test(part)))
    throw new Refused(
      `is not a host name; use letters, digits, hyphens and dots${wildcard ? ', with *. only in front' : ''}`,
    )
  if (/^[0-9.]+$/.test(rest)) throw new Refused('is a number or an address, not a host name')
  return value
}

/** `1.2.3.4`, `2001:db8::/32`. */
export function address(value: string, cidr = false): string {
  const [plain = '', bits, ...more] = value.split('/')
  const width = isIPv4(plain) ? 32 : isIPv6(plain) && !plain.includes('%') ? 128 : 0
  const range = bits === undefined || (cidr && /^\d{1,3}$/.test(bits) && Number(bits) <= width)
  if (!width || more.length || !range) throw new Refused(`is not an IPv4 or IPv6 address${cidr ? ' or range' : ''}`)
  return value
}

const reserved4 = /^(?:0\.|169\.254\.|22[4-9]\.|23\d\.|24\d\.|25[0-5]\.)/
/** Unspecified, mapped and compatible IPv4, NAT64, link-local, multicast; of addresses in their canonical form. */
const reserved6 = /^(?:::|64:ff9b:|ff|fe[89ab])/

/** RFC 5952: one text for each address, so that `0:0:0:0:0:ffff:a9fe:a9fe` does not pass for another one. */
function canonical6(host: string): string {
  return new URL(`http://[${host}]`).hostname.slice(1, -1)
}

/** `http://host:port`, `http://unix:` and a socket below the rule's base, or the panel. */
export function upstream(value: string, rule: RuleOf<'upstream'>, derivation: Derivation): string {
  if (value === 'panel' && rule.panel) return `http://unix:${derivation.roots.run}/${frontSocketName}`
  if (value.startsWith('http://unix:')) {
    if (!rule.unix) throw new Refused('names a unix socket; give http://host:port')
    const socket = value.slice('http://unix:'.length)
    if (socket === '' || socket.includes(':')) throw new Refused('needs the socket as a relative path without a colon')
    return `http://unix:${below(baseDirectory(rule.unix, derivation), socket)}`
  }
  const match = /^http:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(value)
  const host = match?.[1]?.replace(/^\[|\]$/g, '')
  if (!host || !match?.[2]) throw new Refused('is not http://host:port')
  port(match[2])
  if (isIPv4(host) ? host.startsWith('127.') : host === '::1' || host === 'localhost') return value
  if (rule.hosts === 'loopback')
    throw new Refused('is not on this machine; give 127.0.0.1, [::1] or localhost with a port')
  if (isIPv4(host) ? reserved4.test(host) : isIPv6(host) && reserved6.test(canonical6(host)))
    throw new Refused('is a link-local, multicast or mapped address; give a public or private one')
  // A name is resolved by the service, to whatever its owner says then: '2852039166' is 169.254.169.254.
  if (!isIPv4(host) && !isIPv6(host)) throw new Refused('is a name; give the address')
  return value
}

export function port(value: string): string {
  if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > 65535) throw new Refused('is not a port from 1 to 65535')
  return value
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, s: 1, h: 3600, d: 86400 }

/** `10m` in bytes. */
export function size(value: string, maxBytes: number): string {
  const match = /^(\d{1,15})([kmg]?)$/i.exec(value)
  if (!match) throw new Refused('is not a size such as 512k, 10m or 1g')
  if (Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 1) > maxBytes)
    throw new Refused(`is more than ${maxBytes} bytes`)
  return value
}

/** `5m` in seconds. */
export function duration(value: string, maxSeconds: number): string {
  const match = /^(\d{1,12})([smhd])$/.exec(value)
  if (!match) throw new Refused('is not a duration such as 30s, 5m, 1h or 2d')
  const seconds = Number(match[1]) * (match[2] === 'm' ? 60 : (units[match[2] ?? ''] ?? 1))
  if (seconds > maxSeconds) throw new Refused(`is more than ${maxSeconds} seconds`)
  return value
}

/** Absolute http(s) URL without user information, in characters that need no quoting. */
export function url(value: string): string {
  const plain = value.replaceAll(/\$\{?[A-Za-z0-9_]+\}?/g, 'x')
  if (!URL.canParse(plain) || !/^https?:\/\/[^/]/.test(value) || /[\s"'<>\\^`{|}]/.test(plain))
    throw new Refused('is not an absolute http or https URL')
  const parsed = new URL(plain)
  if (parsed.username || parsed.password) throw new Refused('holds a user name or password; remove it')
  if (value.length > 2048) throw new Refused('is longer than 2048 characters')
  return value
}

/** A path on a site. */
export function uri(value: string): string {
  const plain = value.replaceAll(/\$\{?[A-Za-z0-9_]+\}?/g, 'x')
  if (!value.startsWith('/') || /[\s"'<>\\^`{|}]/.test(plain))
    throw new Refused("is not a path on the site that begins with '/'")
  if (plain.split(/[/?]/).some(segment => segment === '..' || segment === '.'))
    throw new Refused("has a '.' or '..' segment")
  if (value.length > 2048) throw new Refused('is longer than 2048 characters')
  return value
}
