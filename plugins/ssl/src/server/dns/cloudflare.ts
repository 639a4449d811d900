import type { CloudflareConfig } from './config.js'
import { followDelegation } from './delegation.js'
import {
  CredentialsRefused,
  PermissionMissing,
  ProviderFailed,
  ProviderUnreachable,
  RateLimited,
  ZoneUnknown,
} from './errors.js'
import { upwards } from './names.js'
import type { ChallengeRecord, DnsProvider } from './provider.js'
import { failureReason, remoteLine, retryAfter, startOf } from './remote.js'
import type { Resolver } from './resolver.js'

const provider = 'Cloudflare'
const api = 'https://api.cloudflare.com/client/v4'
const timeLimit = 30_000
const mostBytes = 4 * 1024 * 1024
const mostPages = 100
/** The shortest that every plan takes, in seconds. */
const ttl = 60
/** Codes of the API: a header of a form that it does not take, and a record that is there already. */
const codes = { badHeader: [6003, 6111], identical: 81_058 }

/** What the API wraps every answer in. */
interface Envelope {
  readonly status: number
  readonly result: unknown
  readonly errors: readonly { readonly code?: number; readonly message?: string }[]
  readonly pages: number
}

interface TxtRecord {
  readonly id: string
  readonly content: string
}

/** Cloudflare's API, version 4 (https://developers.cloudflare.com/api/resources/dns/subresources/records/). */
export class CloudflareProvider implements DnsProvider {
  readonly #api: URL

  constructor(
    private readonly config: CloudflareConfig,
    private readonly resolver: Resolver,
    private readonly send: typeof fetch,
  ) {
    this.#api = new URL(config.apiUrl ?? api)
  }

  async present({ name, value }: ChallengeRecord, signal: AbortSignal): Promise<void> {
    const place = await followDelegation(name, this.resolver, signal)
    const records = await this.#recordsOf(place, signal)
    if ((await this.#withValue(records, place, value, signal)).length) return
    const answer = await this.#call('POST', records, place, signal, {
      type: 'TXT',
      name: place,
      content: quoted(value),
      ttl,
    })
    // Somebody else added it meanwhile.
    if (answer.errors.some(error => error.code === codes.identical)) return
    this.#succeeded(answer)
  }

  async cleanup({ name, value }: ChallengeRecord, signal: AbortSignal): Promise<void> {
    const place = await followDelegation(name, this.resolver, signal)
    const records = await this.#recordsOf(place, signal)
    for (const { id } of await this.#withValue(records, place, value, signal)) {
      const answer = await this.#call('DELETE', `${records}/${encodeURIComponent(id)}`, place, signal)
      if (answer.status !== 404) this.#succeeded(answer)
    }
  }

  /** The path of the records of the zone that the name stands in. */
  async #recordsOf(name: string, signal: AbortSignal): Promise<string> {
    const id = this.config.zoneId ?? (await this.#zoneOf(name, signal))
    return `/zones/${encodeURIComponent(id)}/dns_records`
  }

  async #zoneOf(name: string, signal: AbortSignal): Promise<string> {
    // The last label is nobody's zone here.
    for (const candidate of upwards(name).slice(0, -1)) {
      const query = new URLSearchParams({ name: candidate })
      const answer = this.#succeeded(await this.#call('GET', `/zones?${query}`, name, signal))
      const [zone] = listOf<{ id: string }>(answer)
      if (zone) return zone.id
    }
    throw ZoneUnknown({ name, server: provider })
  }

  async #withValue(records: string, name: string, value: string, signal: AbortSignal): Promise<readonly TxtRecord[]> {
    const found: TxtRecord[] = []
    for (let page = 1, pages = 1; page <= Math.min(pages, mostPages); page++) {
      const query = new URLSearchParams({ type: 'TXT', name, per_page: '100', page: String(page) })
      const answer = this.#succeeded(await this.#call('GET', `${records}?${query}`, name, signal))
      found.push(...listOf<TxtRecord>(answer).filter(({ content }) => content === value || content === quoted(value)))
      pages = answer.pages
    }
    return found
  }

  async #call(method: string, path: string, name: string, signal: AbortSignal, body?: unknown): Promise<Envelope> {
    const { status, headers, text } = await this.#request(method, path, signal, body)
    if (status === 429) throw RateLimited({ provider, seconds: retryAfter(headers.get('retry-after')) })
    const answer = read(status, text)
    if (!answer) throw ProviderFailed({ provider, status, reason: this.#line(text) })
    const bad = answer.errors.some(error => codes.badHeader.includes(error.code ?? 0))
    if (status === 401 || (status === 400 && bad)) throw CredentialsRefused({ provider })
    if (status === 403) throw PermissionMissing({ provider, name })
    return answer
  }

  async #request(method: string, path: string, signal: AbortSignal, body?: unknown) {
    try {
      const response = await this.send(this.#api.href.replace(/\/$/, '') + path, {
        method,
        headers: {
          authorization: `Bearer ${this.config.token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]),
      })
      const text = response.body ? await startOf(response.body, mostBytes) : ''
      return { status: response.status, headers: response.headers, text }
    } catch (error) {
      signal.throwIfAborted()
      throw ProviderUnreachable({ provider, host: this.#api.host, reason: failureReason(error) })
    }
  }

  #succeeded(answer: Envelope): Envelope {
    if (answer.status >= 200 && answer.status < 300) return answer
    const reason = answer.errors.map(({ code, message }) => `${code ?? ''} ${message ?? ''}`.trim()).join('; ')
    throw ProviderFailed({ provider, status: answer.status, reason: this.#line(reason) })
  }

  #line(text: string): string {
    return remoteLine(text, [this.config.token])
  }
}

/** Cloudflare keeps the value of a TXT record in quotes, but takes and may answer it without. */
function quoted(value: string): string {
  return `"${value}"`
}

function listOf<T>(answer: Envelope): readonly T[] {
  return Array.isArray(answer.result) ? (answer.result as T[]) : []
}

/** Undefined for what is not of the API: a proxy's page, for instance. */
function read(status: number, text: string): Envelope | undefined {
  try {
    const { result, errors, result_info } = JSON.parse(text) as {
      result?: unknown
      errors?: unknown
      result_info?: { total_pages?: unknown }
    }
    const pages = Number(result_info?.total_pages)
    return {
      status,
      result,
      errors: Array.isArray(errors) ? (errors as Envelope['errors']) : [],
      pages: Number.isInteger(pages) ? pages : 1,
    }
  } catch {
    // A refusal is one without a body, too.
    return [401, 403, 404].includes(status) ? { status, result: undefined, errors: [], pages: 1 } : undefined
  }
}
