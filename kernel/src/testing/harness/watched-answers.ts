import type { ServerResponse } from 'node:http'
import type { TestPanel } from '@nusantara/sdk/testing'
import { openApiDocument } from '../../http/openapi.js'
import { Pipeline } from '../../http/pipeline.js'
import { RouteRegistry } from '../../http/route-registry.js'
import { AnswerContract, type ApiDocument } from './answer-contract.js'

export interface WatchedAnswers {
  /** `sites.list 200`, of what was answered as described. */
  readonly seen: ReadonlySet<string>
  /** What was not, each once. */
  readonly faults: readonly string[]
  /** Successes that the description promises. */
  readonly promised: readonly string[]
  restore(): void
}

/** Compares every answer of the panel's routes, whoever asks, with its OpenAPI description. Streams without an end are left out. */
export function watchAnswers(panel: TestPanel): WatchedAnswers {
  const registry = panel.resolve(RouteRegistry)
  const contract = new AnswerContract(openApiDocument(registry.list(), '0.0.0') as unknown as ApiDocument)
  const pipeline = panel.resolve(Pipeline)
  const original = pipeline.handle.bind(pipeline)
  const seen = new Set<string>()
  const faults = new Set<string>()
  pipeline.handle = async (route, validators, exchange) => {
    const { response, head } = exchange
    const recorded = record(response)
    await original(route, validators, exchange)
    const { headers, text } = recorded()
    const { statusCode: status, writableEnded } = response
    if (head || !writableEnded || status === 304 || headers['content-encoding']) return
    const { operation } = route
    const wrong = contract.fault({ operation, status, type: headers['content-type'] ?? '', text })
    if (wrong) faults.add(`${operation}: ${wrong}`)
    else seen.add(`${operation} ${status}`)
  }
  return {
    seen,
    promised: contract.promised,
    get faults() {
      return [...faults].sort()
    },
    restore() {
      pipeline.handle = original
    },
  }
}

/** @returns what was written so far; header names in lower case */
function record(response: ServerResponse): () => { headers: Readonly<Record<string, string>>; text: string } {
  const chunks: Buffer[] = []
  let headers: Readonly<Record<string, string>> = {}
  const { write, end, writeHead } = response
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string))
  }
  response.write = ((...given: unknown[]) => {
    keep(given[0])
    return Reflect.apply(write, response, given)
  }) as typeof write
  response.end = ((...given: unknown[]) => {
    keep(given[0])
    return Reflect.apply(end, response, given)
  }) as typeof end
  response.writeHead = ((...given: unknown[]) => {
    // What is given here is not kept by the response.
    const named = Object.entries((given.at(-1) ?? {}) as object)
    headers = Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), String(value)]))
    return Reflect.apply(writeHead, response, given)
  }) as typeof writeHead
  return () => ({ headers, text: Buffer.concat(chunks).toString() })
}
