import { isIP, isIPv4 } from 'node:net'
import { Refusal } from './refusals.js'

const shown = (value: string) => value.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}').slice(0, 80)

/** Never an application: this network, link-local, multicast, mapped (RFC 6890). */
const reserved = /^(?:0\.|169\.254\.|22[4-9]\.|2[345]\d\.|::$|::ffff:|fe[89ab]|ff)/i

export interface UpstreamRules {
  /** Administrators may proxy to other machines. */
  readonly anyHost: boolean
  /** Ports of the public listeners: proxying to them is a loop. */
  readonly ownPorts: readonly number[]
}

/**
 * Where a proxied site sends requests: `http://address:port` or `unix:name.sock`. Answers the normal form, in which
 * `localhost` is `127.0.0.1`.
 *
 * @throws Refusal
 */
export function parseUpstream(input: string, rules: UpstreamRules): string {
  const socket = /^unix:(.*)$/s.exec(input)
  if (socket) return parseSocket(socket[1] ?? '')
  const match = /^http:\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})\/?$/.exec(input)
  const host = (match?.[1] ?? match?.[2])?.toLowerCase()
  if (!match || !host) throw new Refusal('upstream_form', { value: shown(input) })
  const address = host === 'localhost' ? '127.0.0.1' : host
  checkAddress(address, rules)
  const port = Number(match[3])
  if (port < 1024 || port > 65_535 || (isLoopback(address) && rules.ownPorts.includes(port)))
    throw new Refusal('upstream_port', { port })
  return `http://${isIPv4(address) ? address : `[${address}]`}:${port}`
}

function parseSocket(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,39}$/.test(name)) throw new Refusal('upstream_socket', { value: shown(name) })
  return `unix:${name}`
}

function checkAddress(address: string, { anyHost }: UpstreamRules): void {
  if (isLoopback(address)) return
  if (!isIP(address)) throw new Refusal('upstream_name', { host: shown(address) })
  if (reserved.test(address)) throw new Refusal('upstream_address', { host: address })
  if (!anyHost) throw new Refusal('upstream_host', { host: address })
}

function isLoopback(address: string): boolean {
  return (isIPv4(address) && address.startsWith('127.')) || address === '::1'
}
