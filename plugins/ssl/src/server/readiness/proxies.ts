import type { GetResponse } from './get.js'

type Headers = GetResponse['headers']

/** Services that answer in front of a server, by what they write into every answer. First match counts. */
const signs: readonly (readonly [name: string, test: (header: (name: string) => string) => boolean])[] = [
  ['Cloudflare', header => header('cf-ray') !== '' || /^cloudflare/i.test(header('server'))],
  ['Amazon CloudFront', header => header('x-amz-cf-id') !== '' || /cloudfront/i.test(header('via'))],
  [
    'Fastly',
    header => header('x-served-by') !== '' && /varnish|fastly/i.test(header('via') + header('x-fastly-request-id')),
  ],
  ['Akamai', header => /akamai/i.test(header('server')) || header('x-akamai-request-id') !== ''],
  ['Sucuri', header => header('x-sucuri-id') !== '' || /^sucuri/i.test(header('server'))],
  ['Imperva', header => header('x-iinfo') !== '' || /incapsula|imperva/i.test(header('x-cdn'))],
  ['BunnyCDN', header => /^bunnycdn/i.test(header('server'))],
  ['Azure Front Door', header => header('x-azure-ref') !== ''],
  ['Vercel', header => header('x-vercel-id') !== '' || /^vercel/i.test(header('server'))],
  ['Netlify', header => header('x-nf-request-id') !== '' || /^netlify/i.test(header('server'))],
  ['Google', header => /\bgoogle\b/i.test(header('via'))],
]

/** Who answered in front of a server; for one that hides its name, the words of its `Via`. */
export function proxyOf(headers: Headers): string | null {
  const header = (name: string) => [headers[name] ?? ''].flat().join(', ')
  const known = signs.find(([, matches]) => matches(header))
  return known?.[0] ?? (header('via') || header('x-served-by') || null)
}
