import { isIP, isIPv6 } from 'node:net'
import { isRecordName } from './names.js'

/** Where a DNS server listens. */
export interface Endpoint {
  /** An address, or a host name where the system is to resolve it. */
  readonly address: string
  readonly port: number
}

/** `ns.example.test:53`, `192.0.2.1`, `[2001:db8::1]:53`, `2001:db8::1`; undefined for anything else. */
export function parseEndpoint(text: string, defaultPort = 53): Endpoint | undefined {
  if (isIPv6(text)) return { address: text, port: defaultPort }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const [, six, host, digits] = match ?? []
  const address = six ?? host
  const port = digits === undefined ? defaultPort : Number(digits)
  if (!address || port < 1 || port > 65_535) return undefined
  if (six !== undefined ? !isIPv6(six) : !isIP(address) && !isHostName(address)) return undefined
  return { address, port }
}

/** `192.0.2.1, [2001:db8::1]:5353`: addresses alone, because who is asked for names cannot be one; undefined for anything else. */
export function parseAddresses(text: string): readonly Endpoint[] | undefined {
  const parts = text
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
  const endpoints = parts.flatMap(part => parseEndpoint(part) ?? [])
  return endpoints.length === parts.length && endpoints.every(({ address }) => isIP(address)) ? endpoints : undefined
}

export function showEndpoint({ address, port }: Endpoint): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`
}

function isHostName(text: string): boolean {
  // A last label of digits is an address that somebody mistyped, RFC 1123 §2.1.
  return !/(?:^|\.)\d+$/.test(text) && (isRecordName(text) || text === 'localhost')
}
