import { isIP, isIPv4 } from 'node:net'
import { holdsPort, lowestPort, type PortRange, showPorts } from './port-ranges.js'
import { Refusal } from './refusals.js'
import { shown } from './shown.js'

/** Never an application: this network, link-local, multicast, reserved, IPv4 in IPv6 (RFC 6890). */
const reserved = /^(?:0\.|169\.254\.|22[4-9]\.|2[345]\d\.|::$|::ffff:|fe[89ab]|ff)/i

export interface UpstreamRules {
  /** Administrators may proxy to every port and to other machines. */
  readonly anyTarget: boolean
  /** Loopback ports that everybody else may proxy to. */
  readonly granted: readonly PortRange[]
  /** Ports of the panel and of the public listeners: proxying to them is a loop, or a way into the panel. */
  readonly ownPorts: readonly number[]
}

/**
 * Where a proxied site sends requests: `http://address:port` or `unix:name.sock`. Answers the normal form, in which
 * `localhost` is `127.0.0.1`.
 *
 * Databases, caches and applications of other people listen on loopback too, and many of them trust whoever reaches
 * them. So an owner reaches sockets of the own site, and those ports alone that an administrator granted.
 *
 * @throws Refusal
 */
export function parseUpstream(input: string, rules: UpstreamRules): string {
  const socket = /^unix:(.*)$/s.exec(input)
  if (socket) return parseSocket(socket[1] ?? '')
  const match = /^http:\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})\/?$/.exec(input)
  const host = (match?.[1] ?? match?.[2])?.toLowerCase()
  if (!match || !host) throw new Refusal('upstream_form', { value: shown(input) })
  const address = normalAddress(host)
  checkAddress(address, rules)
  const port = Number(match[3])
  if (port < lowestPort || port > 65_535 || (isLoopback(address) && rules.ownPorts.includes(port)))
    throw new Refusal('upstream_port', { port })
  if (!rules.anyTarget && !holdsPort(rules.granted, port))
    throw new Refusal('upstream_not_granted', { port, granted: showPorts(rules.granted) || 'none' })
  return `http://${isIPv4(address) ? address : `[${address}]`}:${port}`
}

/** The loopback port of a target in its normal form; null for sockets and other machines. */
export function loopbackPort(target: string): number | null {
  const match = /^http:\/\/\[?([0-9a-f:.]+?)\]?:(\d+)$/.exec(target)
  return match && isLoopback(match[1] ?? '') ? Number(match[2]) : null
}

function parseSocket(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,39}$/.test(name)) throw new Refusal('upstream_socket', { value: shown(name) })
  return `unix:${name}`
}

/** `::1` for each of the ways to write it, so that no rule is passed by another spelling. */
function normalAddress(host: string): string {
  if (host === 'localhost') return '127.0.0.1'
  if (!host.includes(':')) return host
  return URL.canParse(`http://[${host}]`) ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host
}

function checkAddress(address: string, { anyTarget }: UpstreamRules): void {
  if (isLoopback(address)) return
  if (!isIP(address)) throw new Refusal('upstream_name', { host: shown(address) })
  if (reserved.test(address)) throw new Refusal('upstream_address', { host: address })
  if (!anyTarget) throw new Refusal('upstream_host', { host: address })
}

function isLoopback(address: string): boolean {
  return (isIPv4(address) && address.startsWith('127.')) || address === '::1'
}
