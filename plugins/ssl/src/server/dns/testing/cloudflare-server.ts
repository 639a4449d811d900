import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { reply } from '../../../testing/reply.js'
import { type Received, startHttp, type TestHttpServer } from './http-server.js'

interface StoredRecord {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly content: string
  readonly ttl: number
}

export interface CloudflareServer extends TestHttpServer {
  /** By the zone's name. */
  readonly zones: ReadonlyMap<string, StoredRecord[]>
  /** Answers the next request instead of the API. */
  next: ((response: ServerResponse) => void) | undefined
}

const pageSize = 2

/** Behaves as Cloudflare's API does for zones and TXT records, with pages of two. */
export async function startCloudflare(token: string, names: readonly string[]): Promise<CloudflareServer> {
  const zones = new Map(names.map(name => [name, [] as StoredRecord[]]))
  const ids = new Map(names.map(name => [randomBytes(16).toString('hex'), name]))
  const answer = (request: Received, response: ServerResponse) => {
    const { next } = state
    state.next = undefined
    if (next) return next(response)
    if (request.headers.authorization !== `Bearer ${token}`) return failure(response, 403, 9109, 'Invalid access token')
    const [, root, zone, , record] = request.url.pathname.split('/')
    if (root !== 'zones') return failure(response, 400, 7003, 'Could not route')
    if (!zone) {
      const found = [...ids].filter(([, name]) => name === request.url.searchParams.get('name'))
      return page(
        request,
        response,
        found.map(([id, name]) => ({ id, name })),
      )
    }
    const records = zones.get(ids.get(zone) ?? '')
    if (!records) return failure(response, 403, 9109, 'Unauthorized to access requested resource')
    if (request.method === 'GET') {
      const [type, name] = [request.url.searchParams.get('type'), request.url.searchParams.get('name')]
      const found = records.filter(stored => stored.type === type && stored.name === name)
      return page(request, response, found)
    }
    if (request.method === 'DELETE') {
      const place = records.findIndex(stored => stored.id === record)
      if (place < 0) return failure(response, 404, 81_044, 'Record does not exist.')
      records.splice(place, 1)
      return send(response, 200, { success: true, errors: [], result: { id: record } })
    }
    const input = JSON.parse(request.body) as Omit<StoredRecord, 'id'>
    if (input.ttl < 60) return failure(response, 400, 9021, 'Invalid TTL. Must be between 60 and 86400 seconds, or 1.')
    if (records.some(stored => stored.name === input.name && stored.content === input.content))
      return failure(response, 400, 81_058, 'An identical record already exists.')
    const stored = { ...input, id: randomBytes(16).toString('hex') }
    records.push(stored)
    send(response, 200, { success: true, errors: [], result: stored })
  }
  const server = await startHttp(answer)
  const state: CloudflareServer = { ...server, zones, next: undefined }
  return Object.assign(state, { [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() })
}

function page(request: Received, response: ServerResponse, found: readonly object[]): void {
  const number = Number(request.url.searchParams.get('page') ?? 1)
  const result = found.slice((number - 1) * pageSize, number * pageSize)
  const result_info = { page: number, per_page: pageSize, total_pages: Math.ceil(found.length / pageSize) }
  send(response, 200, { success: true, errors: [], result, result_info })
}

function failure(response: ServerResponse, status: number, code: number, message: string): void {
  send(response, status, { success: false, errors: [{ code, message }], result: null })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  reply(response, status, { 'content-type': 'application/json' }, JSON.stringify(body))
}
