import { isIPv6, SocketAddress } from 'node:net'

/** The address as it is counted: IPv4 whole, also when written as IPv6; IPv6 by its /64, which one customer holds. */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)
  if (mapped?.[1]) return mapped[1]
  return `${groups(plain).slice(0, 4).join(':')}::/64`
}

/** The eight groups without leading zeros. */
function groups(address: string): string[] {
  const { address: canonical } = new SocketAddress({ address, family: 'ipv6' })
  const [head = '', tail] = canonical.split('::')
  const left = head ? head.split(':') : []
  if (tail === undefined) return left
  const right = tail ? tail.split(':') : []
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
}
