import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { WebhookConfig } from './config.js'
import { followDelegation } from './delegation.js'
import { CredentialsRefused, ProviderFailed, ProviderUnreachable, RateLimited } from './errors.js'
import type { ChallengeRecord, DnsProvider } from './provider.js'
import { failureReason, remoteLine, retryAfter, startOf } from './remote.js'
import type { Resolver } from './resolver.js'
import { webhookUrl } from './webhook-url.js'

const provider = 'webhook'
const mostBytes = 64 * 1024

/**
 * A program of the team's own that changes their DNS: `POST {"action", "name", "value"}`, signed when a secret is given.
 * Every 2xx is success; a redirect is not followed. The protocol stands in the plugin's README.
 */
export class WebhookProvider implements DnsProvider {
  readonly #url: URL

  constructor(
    private readonly config: WebhookConfig,
    private readonly resolver: Resolver,
    private readonly now: () => number,
    /** Milliseconds that one request may take. */
    private readonly timeLimit = 30_000,
  ) {
    const url = webhookUrl(config.url)
    if (!url) throw new TypeError('the URL of the webhook is neither https nor of this machine')
    this.#url = url
  }

  present(record: ChallengeRecord, signal: AbortSignal): Promise<void> {
    return this.#call('present', record, signal)
  }

  cleanup(record: ChallengeRecord, signal: AbortSignal): Promise<void> {
    return this.#call('cleanup', record, signal)
  }

  async #call(action: 'present' | 'cleanup', { name, value }: ChallengeRecord, signal: AbortSignal): Promise<void> {
    const place = await followDelegation(name, this.resolver, signal)
    const body = JSON.stringify({ action, name: place, value })
    const { status, retry, text } = await this.#post(body, signal)
    if (status >= 200 && status < 300) return
    if (status === 401 || status === 403) throw CredentialsRefused({ provider })
    if (status === 429) throw RateLimited({ provider, seconds: retryAfter(retry, this.now()) })
    throw ProviderFailed({ provider, status, reason: remoteLine(text, [this.config.secret]) })
  }

  async #post(body: string, signal: AbortSignal) {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(this.timeLimit)])
    try {
      const answer = await this.#send(body, ended)
      try {
        const status = answer.statusCode ?? 0
        const text = status < 300 ? '' : await startOf(answer, mostBytes)
        return { status, retry: answer.headers['retry-after'], text }
      } finally {
        answer.destroy()
      }
    } catch (error) {
      signal.throwIfAborted()
      const reason = failureReason(ended.aborted ? ended.reason : error)
      throw ProviderUnreachable({ provider, host: this.#url.host, reason })
    }
  }

  #send(body: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    // Read here, because an import of node:http costs every panel 13 MB, and few have a webhook.
    const { request } = process.getBuiltinModule(this.#url.protocol === 'https:' ? 'node:https' : 'node:http')
    request(
      this.#url,
      {
        method: 'POST',
        headers: this.#headers(body),
        agent: false,
        signal,
        ...(this.config.caPem && { ca: this.config.caPem }),
      },
      resolve,
    )
      .on('error', reject)
      .end(body)
    return promise
  }

  /** The time is signed with the body, so that a request that somebody recorded cannot be sent again later. */
  #headers(body: string): Record<string, string | number> {
    const timestamp = Math.floor(this.now() / 1000)
    return {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'nusantara-panel',
      'x-nusantara-timestamp': timestamp,
      ...(this.config.secret && {
        'x-nusantara-signature': `sha256=${createHmac('sha256', this.config.secret).update(`${timestamp}.${body}`).digest('hex')}`,
      }),
    }
  }
}
