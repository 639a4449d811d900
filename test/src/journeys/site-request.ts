import { type IncomingHttpHeaders, request } from 'node:http'

/** Asks the web server for a site as a visitor's browser would, whatever DNS says about its name. */
export function fetchSite(
  port: number,
  host: string,
  options: { readonly path?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: options.path ?? '/', headers: { host, ...options.headers }, agent: false },
      response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}
