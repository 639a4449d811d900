import type { Config } from '../config/config.js'
import { holders, listening, ownPorts } from '../host/listening.js'
import { seeProcess } from './checks-of-host.js'
import { command, type Finding, finding } from './finding.js'

/** This process takes connections on the port that it is told to. */
export function checkOwnPorts({ port, roles }: Pick<Config, 'port' | 'roles'>, own = ownPorts()): Finding[] {
  if (!roles.includes('web')) return []
  const [first] = own
  const answered = port === 0 ? first : own.has(port) ? port : undefined
  if (answered === undefined) return [finding('ports', 'failed', { port }, { variant: 'lost' })]
  return [finding('ports', 'ok', { port: answered }, { variant: 'panel' })]
}

/** Who has the panel's port while no panel answers. */
export function checkPanelPort(port: number, profile: Config['profile']): Finding[] {
  const sockets = listening().filter(socket => socket.port === port)
  const held = holders(new Set(sockets.map(({ inode }) => inode)))
  const [first] = sockets
  if (!first) {
    const start = profile === 'system' ? command('systemctl', 'start', 'nusantara-panel.service') : undefined
    return [finding('ports', 'failed', { port }, { variant: 'silent', command: start })]
  }
  const [holder] = held.get(first.inode) ?? []
  const params = { port, address: first.address, program: holder?.program ?? '?', pid: holder?.pid ?? 0, user: '' }
  return [finding('ports', 'failed', params, { variant: 'held', command: seeProcess(holder?.pid) })]
}
