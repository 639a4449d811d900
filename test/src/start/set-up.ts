import { request } from 'node:https'
import type { StartedPanel } from './started-panel.js'

export const administrator = { username: 'admin', password: 'a pass phrase that is long enough' }

export interface Posted {
  readonly status: number
  readonly body: string
  /** What a browser would send back as `Cookie`. */
  readonly cookie: string
}

/** One POST as a browser without a session would send it. */
export function post(panel: StartedPanel, path: string, input: object): Promise<Posted> {
  const payload = JSON.stringify(input)
  const headers = {
    origin: panel.url,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${panel.url}/api/v1${path}`,
      { method: 'POST', rejectUnauthorized: false, agent: false, headers },
      response => {
        let body = ''
        response.on('data', chunk => {
          body += chunk
        })
        const cookie = (response.headers['set-cookie'] ?? []).map(line => line.split(';', 1)[0]).join('; ')
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, cookie }))
      },
    )
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

/** Makes the first administrator with the token of the printed link. */
export function setUp(panel: StartedPanel, link: string): Promise<Posted> {
  return post(panel, '/setup', { token: link.split('#token=')[1], ...administrator, locale: 'en' })
}
