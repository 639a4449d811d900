/** Answers of the API that other plugins have no use for. */

/** One line of `GET /ssl/sites/:id/readiness`; worded by `readiness.<code>` and its remedy. */
export interface Finding {
  readonly check: string
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
}

/** `GET /ssl/sites/:id/chain`: leaf first. */
export interface Chain {
  readonly pem: string
  readonly facts: readonly ChainFacts[]
}

export interface ChainFacts {
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  readonly notBefore: string
  readonly notAfter: string
  readonly fingerprint256: string
  readonly names: readonly string[]
  readonly keyType: string
  readonly signature: string
  readonly crtsh: string
}

export type ProviderType = 'rfc2136' | 'cloudflare' | 'webhook'

/** One of `GET /ssl/providers`: its secrets are never among what it is configured with. */
export interface Provider {
  readonly id: string
  readonly name: string
  readonly type: ProviderType
  readonly config: Readonly<Record<string, unknown>>
}

export interface Items<T> {
  readonly items: readonly T[]
}
