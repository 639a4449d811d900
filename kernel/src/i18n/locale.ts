/** Languages that are complete. The first is what everything falls back to. */
export const locales = ['en', 'id'] as const
export type Locale = (typeof locales)[number]

const known = new Map<string, Locale>([...locales.map(locale => [locale, locale] as const), ['in', 'id']])

/** The language to answer in, from an Accept-Language header (RFC 9110 §12.5.4) or a single language tag. */
export function preferredLocale(header: string | undefined): Locale {
  if (!header) return locales[0]
  const exact = known.get(header)
  if (exact) return exact
  let best: { locale: Locale; quality: number } | undefined
  for (const range of header.slice(0, 256).split(',')) {
    const [tag = '', ...options] = range.trim().toLowerCase().split(';')
    const locale = known.get(tag.split('-')[0] ?? '') ?? (tag === '*' ? locales[0] : undefined)
    const weight = options.find(option => option.trim().startsWith('q='))
    const quality = weight ? Number(weight.trim().slice(2)) : 1
    if (locale && quality > (best?.quality ?? 0)) best = { locale, quality }
  }
  return best?.locale ?? locales[0]
}
