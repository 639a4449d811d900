import { type IncomingHttpHeaders, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Visit {
  readonly host: string
  readonly port: number
  readonly path?: string
  readonly family?: 4 | 6
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks the web server for a name, over IPv4 or IPv6, as a browser would that has resolved it. */
export function visit({ host, port, path = '/', family = 4, headers = {} }: Visit): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: family === 6 ? '::1' : '127.0.0.1', port, path, agent: false, headers: { host, ...headers } },
      response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', chunk => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
