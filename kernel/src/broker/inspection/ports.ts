import { holders, listening } from '../../host/listening.js'
import type { BrokerConfig } from '../config.js'
import { users } from '../users.js'
import type { PortFacts } from './facts.js'

/**
 * Who takes connections on the public ports, one entry for each socket.
 *
 * @param own processes of the services that the broker runs; undefined when nobody knows them
 */
export function inspectPorts(
  { http, https }: BrokerConfig['ports'],
  own: ReadonlySet<number> | undefined,
): readonly PortFacts[] {
  const names = new Map<number, PortFacts['name']>([
    [http, 'http'],
    [https, 'https'],
  ])
  const sockets = listening().filter(({ port }) => names.has(port))
  const held = holders(new Set(sockets.map(({ inode }) => inode)))
  return sockets.map(({ address, port, uid, inode }) => {
    const processes = held.get(inode) ?? []
    const mine = own && processes.find(({ pid }) => own.has(pid))
    const [first] = mine ? [mine] : processes
    return {
      name: names.get(port) as PortFacts['name'],
      port,
      address,
      user: users().find(user => user.uid === uid)?.name ?? String(uid),
      ...(first && { pid: first.pid, program: first.program }),
      ...(own && first && { own: mine !== undefined }),
    }
  })
}
