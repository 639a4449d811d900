import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, createPublicKey } from 'node:crypto'
import { Agent } from 'node:https'
import type { Client as LibraryClient } from 'acme-client'
import { AcmeError, type AcmeProblem, AuthorityFault, acmeError } from './acme-error.js'

export interface AcmeOptions {
  readonly directoryUrl: string
  /** PKCS#8 PEM. */
  readonly accountKey: string
  readonly accountUrl?: string | null
  /** RFC 8555 §7.3.4; the key is base64url. */
  readonly eab?: { readonly kid: string; readonly hmacKey: string } | null
  /** Root to trust instead of the public ones, PEM. */
  readonly caPem?: string | null
  readonly signal: AbortSignal
  readonly now?: () => Date
  /** For one answer as a whole, milliseconds. */
  readonly patience?: number
}

export interface Identifier {
  readonly type: 'dns' | 'ip'
  readonly value: string
}

export interface AcmeOrder {
  readonly url: string
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly certificate?: string
  readonly error?: AcmeProblem
}

export interface AcmeChallenge {
  readonly type: string
  readonly url: string
  readonly token: string
  readonly status: string
  readonly error?: AcmeProblem
}

export interface AcmeAuthorization {
  readonly url: string
  readonly identifier: Identifier
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked'
  readonly wildcard?: boolean
  readonly challenges: readonly AcmeChallenge[]
}

/** Of a directory (RFC 8555 §7.1.1) what matters here. */
export interface AcmeDirectory {
  readonly newOrder: string
  readonly revokeCert: string
  readonly renewalInfo?: string
  readonly meta?: {
    readonly termsOfService?: string
    readonly externalAccountRequired?: boolean
    readonly caaIdentities?: readonly string[]
    readonly profiles?: Readonly<Record<string, string>>
  }
}

interface Answer {
  readonly status: number
  readonly data: unknown
  readonly headers: Readonly<Record<string, unknown>>
}

/** The parts of the library under its public client, which turns every refusal into a sentence. */
interface Internals {
  readonly http: {
    maxBadNonceRetries: number
    getDirectory(): Promise<AcmeDirectory>
    getResourceUrl(name: string): Promise<string>
    signedRequest(
      url: string,
      payload: object | null,
      options: { kid?: string | null; nonce?: string | null; includeExternalAccountBinding?: boolean },
    ): Promise<Answer>
  }
}

/** With every second one rejected, as Pebble does on demand, one request in a thousand million fails. */
const nonceTries = 30
const timeoutMs = 30_000
const maxAnswerBytes = 1024 * 1024
/** Nonces that answers brought along. */
const keptNonces = 8

/**
 * One account at one authority: RFC 8555 by acme-client, which signs and keeps nonces, with what that lacks: refusals as they
 * were sent, a root and a signal of its own, profiles, and orders that replace a certificate (RFC 9773 §5).
 */
export class AcmeClient {
  readonly #nonces: string[] = []

  private constructor(
    private readonly library: LibraryClient & Internals,
    private readonly options: AcmeOptions,
    private account: string | null,
  ) {}

  /** Loads the library when it is first needed. */
  static async open(options: AcmeOptions): Promise<AcmeClient> {
    const { default: acme } = await import('acme-client')
    prepare(acme.axios)
    const library = new acme.Client({
      directoryUrl: options.directoryUrl,
      accountKey: options.accountKey,
      ...(options.accountUrl && { accountUrl: options.accountUrl }),
      ...(options.eab && { externalAccountBinding: options.eab }),
    }) as LibraryClient & Internals
    library.http.maxBadNonceRetries = nonceTries
    return new AcmeClient(library, options, options.accountUrl ?? null)
  }

  directory(): Promise<AcmeDirectory> {
    return this.#asking(() => this.library.http.getDirectory())
  }

  /** Registers the account, or finds the one that the key has. @returns its URL */
  async register(contact: string | null): Promise<string> {
    const payload = { termsOfServiceAgreed: true, ...(contact && { contact: [`mailto:${contact}`] }) }
    const url = await this.#asking(() => this.library.http.getResourceUrl('newAccount'))
    const { headers } = await this.#request(url, payload, { kid: null, includeExternalAccountBinding: true })
    this.account = locationOf(headers)
    return this.account
  }

  /** URL of the account that the key has already; null when it has none (RFC 8555 §7.3.1). */
  async find(): Promise<string | null> {
    const url = await this.#asking(() => this.library.http.getResourceUrl('newAccount'))
    try {
      const { headers } = await this.#request(url, { onlyReturnExisting: true }, { kid: null })
      return locationOf(headers)
    } catch (error) {
      if (error instanceof AcmeError && error.type === 'accountDoesNotExist') return null
      throw error
    }
  }

  /** The account answers to the new key from here on (RFC 8555 §7.3.5). */
  async rollOver(newKey: string): Promise<void> {
    await this.#asking(() => this.library.updateAccountKey(newKey))
  }

  async newOrder(
    identifiers: readonly Identifier[],
    { profile, replaces }: { readonly profile?: string | null; readonly replaces?: string | null } = {},
  ): Promise<AcmeOrder> {
    const payload = { identifiers, ...(profile && { profile }), ...(replaces && { replaces }) }
    const url = await this.#asking(() => this.library.http.getResourceUrl('newOrder'))
    const { data, headers } = await this.#request(url, payload)
    return { ...(data as AcmeOrder), url: locationOf(headers) }
  }

  async order(url: string): Promise<AcmeOrder> {
    return { ...((await this.#request(url, null)).data as AcmeOrder), url }
  }

  async authorization(url: string): Promise<AcmeAuthorization> {
    return { ...((await this.#request(url, null)).data as AcmeAuthorization), url }
  }

  /** The challenge can be looked at now. */
  async respond(challenge: AcmeChallenge): Promise<void> {
    await this.#request(challenge.url, {})
  }

  /** @param csr DER in base64 */
  async finalize(order: AcmeOrder, csr: string): Promise<AcmeOrder> {
    const payload = { csr: Buffer.from(csr, 'base64').toString('base64url') }
    return { ...((await this.#request(order.finalize, payload)).data as AcmeOrder), url: order.url }
  }

  /** Value of the TXT record that proves a name (RFC 8555 §8.4). */
  dnsProof(token: string): string {
    const proof = `${token}.${thumbprintOf(this.options.accountKey)}`
    return createHash('sha256').update(proof).digest('base64url')
  }

  /** PEM, leaf first. */
  async certificate(url: string): Promise<string> {
    return String((await this.#request(url, null)).data)
  }

  /** @param certificate DER in base64; @param reason RFC 5280 §5.3.1 */
  async revoke(certificate: string, reason: number): Promise<void> {
    const payload = { certificate: Buffer.from(certificate, 'base64').toString('base64url'), reason }
    const url = await this.#asking(() => this.library.http.getResourceUrl('revokeCert'))
    await this.#request(url, payload)
  }

  async #request(
    url: string,
    payload: object | null,
    options: { readonly kid?: null; readonly includeExternalAccountBinding?: boolean } = {},
  ): Promise<Answer> {
    const kid = options.kid === null ? null : this.account
    const nonce = this.#nonces.pop() ?? null
    const answer = await this.#asking(() => this.library.http.signedRequest(url, payload, { ...options, kid, nonce }))
    const fresh = answer.headers['replay-nonce']
    if (typeof fresh === 'string' && this.#nonces.length < keptNonces) this.#nonces.push(fresh)
    if (answer.status >= 400)
      throw acmeError(answer.status, answer.data, answer.headers, this.options.now?.() ?? new Date())
    return answer
  }

  /** With the root and the signal of this account, which the library has no place for. */
  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    const { caPem, signal, patience = timeoutMs } = this.options
    signal.throwIfAborted()
    try {
      return await calls.run({ signal, patience, ...(caPem && { agent: agentOf(caPem) }) }, ask)
    } catch (error) {
      // A request that took too long was given up; one that the job gave up stays so.
      if ((error as Error).name === 'CanceledError' && !signal.aborted)
        throw Object.assign(new Error('the authority took too long to answer'), { code: 'ETIMEDOUT' })
      throw error
    }
  }
}

/** Of what an answer says was made (RFC 8555 §7.3, §7.4). */
function locationOf({ location }: Answer['headers']): string {
  if (!isHttps(location)) throw new AuthorityFault(`its Location is ${String(location)}, which is no https URL`)
  return location
}

export function isHttps(url: unknown): url is string {
  return typeof url === 'string' && URL.parse(url)?.protocol === 'https:'
}

/** RFC 7638 §3 of an account key's public half, which answers challenges. */
export function thumbprintOf(accountKey: string): string {
  const { crv, kty, x, y } = createPublicKey(accountKey).export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

const calls = new AsyncLocalStorage<{
  readonly signal: AbortSignal
  readonly patience: number
  readonly agent?: Agent
}>()
const agents = new Map<string, Agent>()

export function agentOf(caPem: string): Agent {
  const agent = agents.get(caPem) ?? new Agent({ ca: caPem, keepAlive: true, timeout: timeoutMs })
  agents.set(caPem, agent)
  return agent
}

let prepared = false

type Axios = typeof import('acme-client')['axios']

/**
 * The library's own HTTP client, used by nobody else here: without its retries, which would wait for hours on `Retry-After`,
 * and lose the cause of a connection that failed; over https alone, whoever gave the URL; without redirects, which no
 * authority needs; and each answer whole within its time, however slowly it drips.
 */
function prepare(axios: Axios): void {
  if (prepared) return
  prepared = true
  axios.interceptors.request.clear()
  axios.interceptors.response.clear()
  Object.assign(axios.defaults, { timeout: timeoutMs, maxContentLength: maxAnswerBytes, maxRedirects: 0, proxy: false })
  axios.interceptors.request.use(config => {
    if (!isHttps(config.url)) throw new AuthorityFault(`it leads to ${String(config.url)}, which is no https URL`)
    const call = calls.getStore()
    const limit = AbortSignal.timeout(call?.patience ?? timeoutMs)
    config.signal = call ? AbortSignal.any([call.signal, limit]) : limit
    if (call?.agent) config.httpsAgent = call.agent
    return config
  })
  axios.interceptors.response.use(answer => {
    if (answer.status >= 300 && answer.status < 400)
      throw new AuthorityFault(`it answered ${answer.config.url} with ${answer.status}; redirects are not followed`)
    return answer
  })
}
