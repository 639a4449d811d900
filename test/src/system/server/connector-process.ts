// Runs in the network of a server; started by connector.ts.
import { connect } from 'node:net'
import type { Order, Outcome } from './connector.js'

const answer = (outcome: Outcome, ...socket: unknown[]) =>
  (process.send as (message: Outcome, ...handle: unknown[]) => void)(outcome, ...socket)

process.on('message', ({ id, host, port }: Order) => {
  const socket = connect({ host, port, noDelay: true })
  socket.once('error', (error: NodeJS.ErrnoException) =>
    answer({ id, error: { message: error.message, code: error.code } }),
  )
  socket.once('connect', () => answer({ id }, socket))
})
// The tests' process is gone.
process.on('disconnect', () => process.exit())
