import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Page, Submission } from '@nusantara/sdk'
import { Compression } from './compression.js'
import { Content } from './content.js'
import type { Exchange } from './exchange.js'
import type { ProblemDocument } from './problem-document.js'
import type { RegisteredRoute } from './registered-route.js'
import { dataHeaders } from './security-headers.js'

/** Writes what a handler answered: a value, a page, a submission, nothing, or a {@link Content}. */
export class Responder {
  readonly #compression = new Compression()

  async send(route: RegisteredRoute, exchange: Exchange, result: unknown): Promise<void> {
    if (result instanceof Content) return this.#content(exchange, result)
    const { response } = exchange
    if (isSubmission(result)) {
      if (result.kind === 'planned') return json(response, 200, result.plan)
      return json(response, 202, { job: result.job, ...result.extra }, { Location: result.job.href })
    }
    if (result === undefined || result === null) return empty(response, route.status === 202 ? 202 : 204)
    json(response, route.status === 204 ? 200 : route.status, isPage(result) ? page(result) : result)
  }

  async #content({ request, response, head }: Exchange, { type, body, options }: Content): Promise<void> {
    const headers: OutgoingHttpHeaders = { ...dataHeaders, 'Content-Type': type, ...options.headers }
    if (options.etag) {
      headers.ETag = `"${options.etag}"`
      if (matches(request.headers['if-none-match'], options.etag)) return empty(response, 304, headers)
    }
    if (typeof body === 'string' || Buffer.isBuffer(body)) {
      const bytes = Buffer.from(body)
      const coded = options.compress ? await this.#compression.encode(request, bytes, options.etag) : undefined
      if (options.compress) headers.Vary = 'Accept-Encoding'
      if (coded) headers['Content-Encoding'] = coded.encoding
      return write(response, options.status ?? 200, headers, coded?.bytes ?? bytes)
    }
    response.writeHead(options.status ?? 200, headers)
    if (head) return void response.end()
    response.flushHeaders()
    await pipeline(Readable.from(body, { objectMode: false }), response, {
      ...(options.signal && { signal: options.signal }),
    })
  }
}

export function sendProblem(response: ServerResponse, document: ProblemDocument, headers?: OutgoingHttpHeaders): void {
  const bytes = Buffer.from(JSON.stringify(document))
  write(response, document.status, { ...dataHeaders, 'Content-Type': 'application/problem+json', ...headers }, bytes)
}

function json(response: ServerResponse, status: number, value: unknown, headers?: OutgoingHttpHeaders): void {
  const bytes = Buffer.from(JSON.stringify(value))
  write(response, status, { ...dataHeaders, 'Content-Type': 'application/json', ...headers }, bytes)
}

function empty(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = dataHeaders): void {
  response.writeHead(status, headers)
  response.end()
}

export function write(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, bytes: Buffer): void {
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length })
  response.end(bytes)
}

/** RFC 9110 §13.1.2, weak comparison. */
function matches(header: string | undefined, etag: string): boolean {
  return header?.split(',').some(tag => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${etag}"`) ?? false
}

function page({ items, nextCursor, total }: Page<unknown>): Page<unknown> {
  return { items, ...(nextCursor !== undefined && { nextCursor }), ...(total !== undefined && { total }) }
}

/** An answer with further keys is an object of its own and goes out whole. */
function isPage(value: unknown): value is Page<unknown> {
  if (typeof value !== 'object' || value === null || !('items' in value) || !Array.isArray(value.items)) return false
  return Object.keys(value).every(key => ['items', 'nextCursor', 'total'].includes(key))
}

function isSubmission(value: unknown): value is Submission {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  return (value.kind === 'accepted' && 'job' in value) || (value.kind === 'planned' && 'plan' in value)
}
