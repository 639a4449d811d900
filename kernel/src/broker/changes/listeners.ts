import { rows, socketsOf } from '../../host/proc-sockets.js'

/** Inodes of the sockets that listen in this network namespace: TCP (state 0A) and unix (flag ACC), see proc(5). */
function listeningInodes(): ReadonlySet<string> {
  const inodes = new Set<string>()
  for (const table of ['tcp', 'tcp6'])
    for (const row of rows(`/proc/self/net/${table}`)) if (row[3] === '0A' && row[9] !== undefined) inodes.add(row[9])
  for (const row of rows('/proc/self/net/unix')) if (row[3] === '00010000' && row[6] !== undefined) inodes.add(row[6])
  return inodes
}

/**
 * The processes among these that still accept connections. One that is gone, or that closed its listening sockets to
 * finish what it has, accepts none; one whose descriptors may not be read is taken to be gone.
 */
export function accepting(pids: readonly number[]): readonly number[] {
  if (!pids.length) return []
  const inodes = listeningInodes()
  return pids.filter(pid => socketsOf(pid).some(inode => inodes.has(inode)))
}
