import { Resolver } from 'node:dns/promises'

/** What DNS says. A name that does not exist differs from one without such records, and both from no answer. */
export type Answer<T> =
  | { readonly kind: 'records'; readonly records: readonly T[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'nonexistent' }
  /** `answered`: a server said that it cannot tell (SERVFAIL, REFUSED); otherwise none was reached in time. */
  | { readonly kind: 'failed'; readonly answered: boolean; readonly reason: string }

/** RFC 8659 §4.1. */
export interface CaaRecord {
  readonly critical: boolean
  readonly tag: string
  readonly value: string
}

/** Answers come from DNS alone, as authorities ask it, never from the hosts file. They do not throw. */
export interface NameResolver {
  a(name: string): Promise<Answer<string>>
  aaaa(name: string): Promise<Answer<string>>
  caa(name: string): Promise<Answer<CaaRecord>>
}

export interface NodeResolverOptions {
  /** `address` or `address:port`; default: the system's. */
  readonly servers?: readonly string[]
  /** Milliseconds to wait for one answer. */
  readonly timeout?: number
  readonly tries?: number
}

/** The resolver of Node, asking DNS servers itself. */
export function nodeResolver({ servers, timeout = 2000, tries = 2 }: NodeResolverOptions = {}): NameResolver {
  const resolver = new Resolver({ timeout, tries })
  if (servers) resolver.setServers(servers)
  return {
    a: name => answered(resolver.resolve4(name)),
    aaaa: name => answered(resolver.resolve6(name)),
    caa: name => answered(resolver.resolveCaa(name).then(records => records.map(caaRecord))),
  }
}

async function answered<T>(query: Promise<readonly T[]>): Promise<Answer<T>> {
  try {
    const records = await query
    return records.length > 0 ? { kind: 'records', records } : { kind: 'none' }
  } catch (error) {
    return failure((error as NodeJS.ErrnoException).code ?? 'unknown')
  }
}

function failure(code: string): Answer<never> {
  if (code === 'ENODATA') return { kind: 'none' }
  if (code === 'ENOTFOUND') return { kind: 'nonexistent' }
  const reason = code.replace(/^E/, '')
  return { kind: 'failed', answered: ['SERVFAIL', 'REFUSED', 'FORMERR', 'NOTIMP'].includes(reason), reason }
}

/** Node has a key of the tag's name, whatever it is. */
function caaRecord(record: object): CaaRecord {
  const { critical, type, ...rest } = record as Record<string, unknown>
  const [tag = '', value = ''] = Object.entries(rest)[0] ?? []
  // RFC 8659 §4.1: bit 0, the most significant.
  return { critical: (Number(critical) & 0x80) !== 0, tag: tag.toLowerCase(), value: String(value) }
}
