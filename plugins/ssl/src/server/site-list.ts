import { domainToASCII } from 'node:url'
import { invalidInput, type Page } from '@nusantara/sdk'
import type { Expiry, SiteCertificate } from '../api.js'

export interface ListQuery {
  /** Part of a name or of the issuer. */
  readonly q?: string
  readonly limit?: number
  readonly cursor?: string
  readonly sort?: SortKey
}

type Order = (site: SiteCertificate) => string

const urgency = { failed: 0, warning: 1, ok: 2, none: 3 } as const
/** After every date. */
const never = '~'

const end: Order = ({ certificate }) => certificate?.notAfter ?? never
const orders = {
  attention: site => `${urgency[site.health]}${end(site)}`,
  domain: () => '',
  issuer: ({ certificate }) => certificate?.issuer?.toLowerCase() ?? never,
  end,
  renewal: ({ renewAt }) => renewAt ?? never,
} satisfies Record<string, Order>

export type SortKey = keyof typeof orders | `-${keyof typeof orders}`
export const sortKeys = Object.keys(orders).flatMap(key => [key, `-${key}`]) as SortKey[]

/** Where a site is in the order; its first name, which is nobody else's, decides between equals. */
type Place = readonly [value: string, domain: string]

/** A page by the last site seen, so that what changes meanwhile moves no page. */
export function pageOf(
  sites: readonly SiteCertificate[],
  { q, limit = 50, cursor, sort = 'attention' }: ListQuery,
): Page<SiteCertificate> {
  const direction = sort.startsWith('-') ? -1 : 1
  const order: Order = orders[sort.replace('-', '') as keyof typeof orders]
  const compare = (a: Place, b: Place) => direction * (byText(a[0], b[0]) || byText(a[1], b[1]))
  const after = cursor === undefined ? null : decode(cursor)
  const matching = (q ? sites.filter(matches(q)) : sites).map(site => ({
    site,
    place: [order(site), site.names[0] ?? ''] satisfies Place,
  }))
  const rest = after ? matching.filter(({ place }) => compare(place, after) > 0) : matching
  const shown = rest.toSorted((a, b) => compare(a.place, b.place)).slice(0, limit)
  const last = rest.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(({ site }) => site),
    total: matching.length,
    ...(last && { nextCursor: encode(last.place) }),
  }
}

export function expiriesOf(sites: readonly SiteCertificate[]): readonly Expiry[] {
  return sites
    .flatMap(({ siteId, domain, certificate, health }): Expiry[] =>
      certificate?.notAfter ? [{ siteId, domain, notAfter: certificate.notAfter, kind: certificate.kind, health }] : [],
    )
    .toSorted((a, b) => byText(a.notAfter, b.notAfter) || byText(a.domain, b.domain))
}

function matches(q: string): (site: SiteCertificate) => boolean {
  const words = q.toLowerCase()
  const wanted = [words, domainToASCII(q) || words]
  return ({ domain, names, certificate }) =>
    [domain, ...names, certificate?.issuer ?? ''].some(text => wanted.some(each => text.toLowerCase().includes(each)))
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function encode(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function decode(cursor: string): Place {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(parsed) && parsed.length === 2 && parsed.every(part => typeof part === 'string'))
      return parsed as [string, string]
  } catch {
    // Told below, in the same words as any other cursor that is not ours.
  }
  throw invalidInput([
    { path: 'cursor', code: 'ssl.cursor', message: 'cursor is not one that this list gave; start without it' },
  ])
}
