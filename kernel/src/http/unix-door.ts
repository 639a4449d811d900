import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { SocketTaken } from './errors.js'

/**
 * Listens on a unix socket that nobody but its owner and root can open (mode 0600). A socket left by a process that is gone
 * is replaced.
 *
 * @throws SocketTaken when somebody answers on it
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
  if (await answers(path)) throw SocketTaken({ path })
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // The socket is made inside listen(), synchronously: it never exists with a wider mode.
    const before = process.umask(0o177)
    try {
      server.listen(path, resolve)
    } finally {
      process.umask(before)
    }
  })
  chmodSync(path, 0o600)
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
