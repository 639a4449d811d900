import { defineProblem } from '@nusantara/sdk'

/** No resolver told what stands at the name; a name that does not exist is not this. */
export const LookupFailed = defineProblem<{ name: string; reason: string }>('ssl.dns_lookup_failed', 502)
/** The CNAMEs of a challenge's name lead on for too long, or in a circle. */
export const DelegationEndless = defineProblem<{ name: string; hops: number }>('ssl.dns_delegation_endless', 502)
/** A CNAME of a challenge leads to what is no name that a record could stand at. */
export const DelegationUnusable = defineProblem<{ name: string }>('ssl.dns_delegation_unusable', 502)
/** Neither the provider nor the resolvers know the zone that the name stands in. */
export const ZoneUnknown = defineProblem<{ name: string; server: string }>('ssl.dns_zone_unknown', 502)
export const NoNameservers = defineProblem<{ zone: string }>('ssl.dns_no_nameservers', 502)
/** The wait for the authoritative servers ended without all of them. `servers` names those that lack the record. */
export const NotPropagated = defineProblem<{ name: string; seen: number; of: number; servers: string }>(
  'ssl.dns_not_propagated',
  504,
)

export const ServerUnreachable = defineProblem<{ server: string; reason: string }>('ssl.dns_server_unreachable', 502)
/** Whoever answered does not hold the key, or the answer is no DNS message. */
export const AnswerForged = defineProblem<{ server: string }>('ssl.dns_answer_forged', 502)
export const KeyUnknown = defineProblem<{ server: string; key: string }>('ssl.dns_key_unknown', 502)
export const KeyWrong = defineProblem<{ server: string; key: string }>('ssl.dns_key_wrong', 502)
/** `seconds` is how far the server's clock is ahead of this one, negative when it is behind. */
export const ClocksApart = defineProblem<{ server: string; seconds: number }>('ssl.dns_clocks_apart', 502)
export const UpdateRefused = defineProblem<{ server: string; name: string; zone: string }>(
  'ssl.dns_update_refused',
  502,
)
/** The server does not hold the zone, or the name does not stand in it. */
export const NotInZone = defineProblem<{ server: string; name: string; zone: string }>('ssl.dns_not_in_zone', 502)
export const UpdateFailed = defineProblem<{ server: string; name: string; reason: string }>(
  'ssl.dns_update_failed',
  502,
)

export const ProviderUnreachable = defineProblem<{ provider: string; host: string; reason: string }>(
  'ssl.dns_provider_unreachable',
  502,
)
export const CredentialsRefused = defineProblem<{ provider: string }>('ssl.dns_credentials_refused', 502)
export const PermissionMissing = defineProblem<{ provider: string; name: string }>('ssl.dns_permission_missing', 502)
export const RateLimited = defineProblem<{ provider: string; seconds: number }>('ssl.dns_rate_limited', 503)
/** Any other refusal. `reason` is what the provider wrote, one line, without secrets; `none` where it wrote nothing. */
export const ProviderFailed = defineProblem<{ provider: string; status: number; reason: string }>(
  'ssl.dns_provider_failed',
  502,
)
