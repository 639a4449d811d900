import { readdirSync, readFileSync } from 'node:fs'
import { rows, socketsOf } from './proc-sockets.js'

/** A TCP socket that takes connections in this network namespace. */
export interface Listening {
  /** As people write it: `0.0.0.0`, `::`, `127.0.0.1`. */
  readonly address: string
  readonly port: number
  /** Of the process that made it. */
  readonly uid: number
  readonly inode: string
}

export interface Holder {
  readonly pid: number
  /** The name that the process has now (/proc/PID/comm), without control characters. */
  readonly program: string
}

/** proc(5): state 0A listens; addresses are words of four bytes in the order of the machine. */
const listens = '0A'

/** Every TCP socket that listens, of IPv4 and IPv6. */
export function listening(): readonly Listening[] {
  return ['tcp', 'tcp6'].flatMap(table =>
    rows(`/proc/self/net/${table}`).flatMap(row => {
      const [address = '', port = ''] = (row[1] ?? '').split(':')
      if (row[3] !== listens || row[9] === undefined) return []
      return [{ address: readable(address), port: Number.parseInt(port, 16), uid: Number(row[7]), inode: row[9] }]
    }),
  )
}

/**
 * Who holds these sockets, by inode. A process whose descriptors this one may not read is left out, so that a socket
 * without a holder is somebody's all the same.
 */
export function holders(inodes: ReadonlySet<string>): ReadonlyMap<string, readonly Holder[]> {
  const found = new Map<string, Holder[]>()
  if (inodes.size === 0) return found
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    for (const inode of new Set(socketsOf(Number(pid)))) {
      if (inodes.has(inode)) found.set(inode, [...(found.get(inode) ?? []), { pid: Number(pid), program: nameOf(pid) }])
    }
  }
  return found
}

/** Ports on which this very process takes connections. */
export function ownPorts(): ReadonlySet<number> {
  const own = new Set(socketsOf('self'))
  return new Set(listening().flatMap(({ port, inode }) => (own.has(inode) ? [port] : [])))
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replaceAll(/\p{Cc}/gu, '')
  } catch {
    return ''
  }
}

function readable(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map(word => Buffer.from(word, 'hex').reverse())
  if (words.length === 1) return [...(words[0] as Buffer)].join('.')
  const bytes = Buffer.concat(words)
  const groups = (bytes.toString('hex').match(/.{4}/g) ?? []).map(group => group.replace(/^0{1,3}/, ''))
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}
