import type { IncomingMessage } from 'node:http'

/** X-Forwarded-For as one list, however many headers it came in. */
export function forwardedFor({ headers }: IncomingMessage): string | undefined {
  const header = headers['x-forwarded-for']
  return Array.isArray(header) ? header.join(',') : header
}
