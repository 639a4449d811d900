export type Check = 'address' | 'caa' | 'challenge' | 'proxy' | 'budget'
export type Status = 'ok' | 'warning' | 'failed'

/** Every finding there is; catalogues have `readiness.<code>` and, unless all is well, `readiness.<code>.remedy`. */
export const findingCodes = {
  address: [
    'address_ok',
    'address_nxdomain',
    'address_servfail',
    'address_unresolved',
    'address_none',
    'address_elsewhere',
    'address_aaaa_elsewhere',
    'address_partly',
    'address_private',
    'address_inside',
    'address_nat',
    'address_proxied',
  ],
  caa: [
    'caa_ok',
    'caa_none',
    'caa_forbidden',
    'caa_other',
    'caa_account',
    'caa_account_unknown',
    'caa_authority_unknown',
    'caa_method',
    'caa_critical',
    'caa_servfail',
    'caa_unresolved',
  ],
  challenge: [
    'challenge_ok',
    'challenge_refused',
    'challenge_timeout',
    'challenge_unroutable',
    'challenge_broken',
    'challenge_nat',
    'challenge_not_found',
    'challenge_denied',
    'challenge_status',
    'challenge_content',
    'challenge_other_server',
    'challenge_redirect_loop',
    'challenge_redirect_target',
    'challenge_redirect_private',
  ],
  proxy: ['proxy_none', 'proxy_present', 'proxy_intercepts'],
  budget: ['budget_ok', 'budget_low', 'budget_exhausted'],
} as const satisfies Record<Check, readonly string[]>

export type FindingCode = (typeof findingCodes)[Check][number]
export type FindingParams = Readonly<Record<string, string | number>>

/** What stands in the way of a certificate for a name, or does not. Lists in parameters are joined by `, `. */
export interface Finding {
  readonly check: Check
  readonly name: string
  readonly status: Status
  readonly code: FindingCode
  readonly params: FindingParams
}

/** What strangers wrote, fit for a sentence. */
export function shown(text: string, most = 120): string {
  const printable = text.replace(/[^\x20-\x7e]+/g, ' ').trim()
  return printable.length > most ? `${printable.slice(0, most - 1)}…` : printable
}
