import { formatDate, type MessageValues, translator } from '@nusantara/sdk/ui'
import type { Certificate } from '../api.js'

/** Texts of this plugin's pages. */
export const t = translator('ssl') as (key: string, values?: MessageValues) => string

const dayMs = 86_400_000

/** Whole days until then; negative once it is past. */
export function daysUntil(iso: string, now = Date.now()): number {
  return Math.floor((Date.parse(iso) - now) / dayMs)
}

/** `ends in 29 days`, `ended on 3 May 2027`. */
export function endWords(notAfter: string, now = Date.now()): string {
  const date = dateWords(notAfter)
  if (Date.parse(notAfter) <= now) return t('ui.ends.past', { date })
  return t('ui.ends', { days: daysUntil(notAfter, now), date })
}

/** In the reader's language and time zone. */
export function dateWords(iso: string): string {
  return formatDate(new Date(iso), 'date')
}

/** Who vouches for it: the organisation of a distinguished name, and what it calls this issuer. */
export function issuerWords({ kind, issuer }: Pick<Certificate, 'kind' | 'issuer'>): string {
  if (kind === 'self-signed') return t('ui.issuer.self')
  const organisation = partOf(issuer ?? '', 'O')
  const name = partOf(issuer ?? '', 'CN')
  return [organisation, name && (organisation ? `(${name})` : name)].filter(Boolean).join(' ') || '–'
}

function partOf(distinguishedName: string, attribute: string): string {
  return new RegExp(`(?:^|, )${attribute}=([^,]+)`).exec(distinguishedName)?.[1] ?? ''
}

/** `ECDSA P-256`, `RSA 2048`; what is not known stays as it is. */
export function keyWords(type: string): string {
  const [, kind, size = ''] = /^(ec|rsa)(\d+)$/.exec(type) ?? []
  return kind ? `${kind === 'ec' ? 'ECDSA P-' : 'RSA '}${size}` : type
}

/** As other programs show it: pairs of upper-case digits, with colons. */
export function fingerprintWords(hex: string): string {
  return hex.toUpperCase().replace(/..(?=.)/g, '$&:')
}

/** Where a browser finds the site over TLS. */
export function httpsUrl(domain: string, port = 443): string {
  return `https://${domain}${port === 443 ? '' : `:${port}`}/`
}

/** The page of a site, at its tab of this plugin. */
export function tabOf(siteId: string): string {
  return `/sites/${siteId}#nusa-ssl-tab`
}
