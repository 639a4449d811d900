import { request } from 'node:https'
import { agentOf } from './acme-client.js'

/**
 * `fetch` over https that trusts the root of an authority of one's own, which the built-in one has no place for; without a
 * root it is the built-in one.
 */
export function fetchTrusting(caPem: string | null): typeof fetch {
  if (!caPem) return fetch
  const agent = agentOf(caPem)
  return (input, init) =>
    new Promise((resolve, reject) => {
      const { headers, signal } = init ?? {}
      const asked = request(
        String(input),
        { agent, headers: Object.fromEntries(new Headers(headers)), ...(signal && { signal }) },
        response => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve(
              new Response(Buffer.concat(chunks), {
                status: response.statusCode ?? 502,
                headers: Object.entries(response.headers).flatMap(([name, value]) =>
                  typeof value === 'string' ? [[name, value] as [string, string]] : [],
                ),
              }),
            ),
          )
        },
      )
      asked.on('error', reject)
      asked.end()
    })
}
