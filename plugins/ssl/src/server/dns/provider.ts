import { CloudflareProvider } from './cloudflare.js'
import type { DnsProviderConfig } from './config.js'
import { Resolver } from './resolver.js'
import { Rfc2136Provider } from './rfc2136.js'
import { WebhookProvider } from './webhook.js'

/** One TXT record of a challenge: fully qualified name without trailing dot, `_acme-challenge.example.test`, and its value. */
export interface ChallengeRecord {
  readonly name: string
  readonly value: string
}

/**
 * Whoever can change the DNS of a domain. Each follows the CNAMEs of the challenge's name, and throws the problems of
 * `errors.ts` or the signal's reason; no secret is in them.
 */
export interface DnsProvider {
  /** Adds the value beside those already there (two orders, or `example.test` and `*.example.test`, share one name). Idempotent. */
  present(record: ChallengeRecord, signal: AbortSignal): Promise<void>
  /** Removes this value alone. Idempotent: nothing there is fine. */
  cleanup(record: ChallengeRecord, signal: AbortSignal): Promise<void>
}

export interface ProviderParts {
  readonly fetch?: typeof fetch
  readonly resolver?: Resolver
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export function providerOf(config: DnsProviderConfig, parts: ProviderParts = {}): DnsProvider {
  const { resolver = new Resolver(), now = Date.now } = parts
  switch (config.type) {
    case 'rfc2136':
      return new Rfc2136Provider(config, resolver, now)
    case 'cloudflare':
      return new CloudflareProvider(config, resolver, parts.fetch ?? fetch)
    case 'webhook':
      return new WebhookProvider(config, resolver, now)
  }
}
