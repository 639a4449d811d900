import { request } from 'node:https'
import type { TestPanel } from '@nusantara/sdk/testing'

export interface Knock {
  /** `closed` when the server ends the connection without an answer. */
  readonly status: number | 'closed'
  readonly text: string
}

/** A request with any method and target, without any manners: no session, no Origin. */
export function knock(panel: TestPanel, certificate: string, method: string, path: string): Promise<Knock> {
  return new Promise(resolve => {
    const asked = request(
      { host: 'localhost', port: panel.port, ca: certificate, method, path, headers: { connection: 'close' } },
      response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', () => resolve({ status: 'closed', text }))
      },
    )
    // The answer to CONNECT is an event of its own.
    asked.on('connect', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, text: '' })
    })
    asked.on('error', () => resolve({ status: 'closed', text: '' }))
    asked.end()
  })
}
