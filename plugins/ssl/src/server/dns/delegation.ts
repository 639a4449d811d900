import { DelegationEndless, DelegationUnusable } from './errors.js'
import { isRecordName, plainName } from './names.js'
import type { Resolver } from './resolver.js'

const mostHops = 8

/**
 * Where the challenge's record has to stand: the end of the CNAMEs that begin at its name, as whoever validates follows
 * them (RFC 8555 §8.4 asks for the TXT records, RFC 1034 §3.6.2 follows). So a zone that takes no updates can
 * delegate its challenges to one that does.
 *
 * @throws LookupFailed, DelegationEndless, DelegationUnusable
 */
export async function followDelegation(name: string, resolver: Resolver, signal: AbortSignal): Promise<string> {
  let place = plainName(name)
  for (let hops = 0; hops <= mostHops; hops++) {
    const target = await resolver.cname(place, signal)
    if (target === undefined) return place
    if (!isRecordName(target)) throw DelegationUnusable({ name })
    place = target
  }
  throw DelegationEndless({ name, hops: mostHops })
}
