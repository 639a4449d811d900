import { defineProblem } from '@nusantara/sdk'

export const SiteUnknown = defineProblem('ssl.site_not_found', 404)
export const NoCertificate = defineProblem<{ domain: string }>('ssl.no_certificate', 409)
export const AuthorityUnknown = defineProblem<{ authority: string }>('ssl.authority_unknown', 422, 'authority')
export const AuthorityExists = defineProblem<{ authority: string }>('ssl.authority_exists', 409, 'id')
export const AuthorityBuiltIn = defineProblem<{ authority: string }>('ssl.authority_built_in', 409)
export const AuthorityInUse = defineProblem<{ authority: string; count: number }>('ssl.authority_in_use', 409)
/** Nothing has been ordered there yet, so nobody knows this server. */
export const AccountMissing = defineProblem<{ authority: string }>('ssl.no_account', 409)
/** A name that the site does not have. */
export const NameForeign = defineProblem<{ name: string }>('ssl.name_foreign', 422, 'names')
export const WildcardNeedsDns = defineProblem<{ name: string }>('ssl.wildcard_needs_dns', 422, 'names')
export const ProviderUnknown = defineProblem<{ provider: string }>('ssl.provider_unknown', 422, 'provider')
export const ProviderInUse = defineProblem<{ provider: string; count: number }>('ssl.provider_in_use', 409)
/** `reason` is one of InvalidReason, the rest what its text needs. */
export const UploadRefused = defineProblem<{ reason: string } & Readonly<Record<string, unknown>>>(
  'ssl.upload_refused',
  422,
  'pem',
)
/** What should be served is there no more: it was replaced or taken back meanwhile. */
export const CertificateGone = defineProblem<{ domain: string }>('ssl.certificate_gone', 409)
/** The certificate is for none of the names that the site has by now. */
export const NothingCovered = defineProblem<{ domain: string }>('ssl.nothing_covered', 409)
/** One order a site at a time. */
export const OrderRunning = defineProblem<{ domain: string; job: string }>('ssl.order_running', 409)
export const NotExportable = defineProblem<{ domain: string }>('ssl.not_exportable', 409)
export const NotRevocable = defineProblem<{ domain: string }>('ssl.not_revocable', 409)
export const HstsNeedsRedirect = defineProblem('ssl.hsts_needs_redirect', 422, 'hsts')

/** The authority refused; `type` is the last part of its error type (RFC 8555 §6.7). */
export const AuthorityRefused = defineProblem<{ authority: string; type: string; detail: string }>(
  'ssl.authority_refused',
  502,
)
/** `until` is ISO 8601, or empty when the authority did not say. */
export const RateLimited = defineProblem<{ authority: string; detail: string; until: string }>('ssl.rate_limited', 502)
export const AuthorityUnreachable = defineProblem<{ authority: string; reason: string }>(
  'ssl.authority_unreachable',
  503,
)
/** The authority asked for a name and got something else. */
export const ChallengeFailed = defineProblem<{ name: string; type: string; detail: string }>(
  'ssl.challenge_failed',
  502,
)
export const OrderTimeout = defineProblem<{ authority: string; minutes: number }>('ssl.order_timeout', 504)
/** What the authority sent is not what was asked for. */
export const CertificateWrong = defineProblem<{ authority: string; reason: string }>('ssl.certificate_wrong', 502)
