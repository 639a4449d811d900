import { type Directive, directive } from '@nusantara/sdk'
import type { Site, SiteTls, VhostContribution } from '../../api.js'
import { parseDirectives } from '../directives/parse-directives.js'
import { authority, runtimeLocations } from './runtimes.js'
import { suspendedLocations } from './suspended.js'

/** Path on which every site answers, to this host alone, which configuration it runs. */
export const revisionPath = '/.well-known/nusantara-revision'

/** The file of one site as this plugin makes it, before others extend it. @param httpsPort public port of TLS */
export function vhostTree(site: Site, httpsPort: number): readonly Directive[] {
  return extendedTree(site, [], httpsPort)
}

/** The whole file: this plugin's tree with what others contribute. @param httpsPort public port of TLS */
export function extendedTree(
  site: Site,
  contributions: readonly VhostContribution[],
  httpsPort: number,
): readonly Directive[] {
  const everywhere = contributions.flatMap(({ everywhere }) => everywhere ?? [])
  const own = contributions.flatMap(({ server }) => server ?? [])
  const plain = contributions.some(contribution => contribution.plain)
    ? contributions.flatMap(({ plain }) => plain ?? [])
    : undefined
  const tls = tlsOf(contributions)
  const blocks = tls
    ? secureTree(site, tls, own, plain, httpsPort)
    : site.runtime.type === 'panel'
      ? panelTree(site, own, plain, httpsPort)
      : plain
        ? [
            [...listen(), ...identity(site), ...plain],
            [...own, ...identity(site), ...content(site, httpsPort)],
          ]
        : [[...listen(), ...identity(site), ...own, ...content(site, httpsPort)]]
  return blocks.map(block => directive('server', [], withFirst(block, everywhere)))
}

/** The one contribution that says how a site is served over TLS. */
export function tlsOf(contributions: readonly VhostContribution[]): SiteTls | undefined {
  return contributions.find(({ tls }) => tls)?.tls
}

/**
 * What takes requests over TLS has a block of its own, for the names that the certificate covers. Its certificate is not in
 * here but with the listener, see `base/tls-tree.ts`. A name that is not covered is never led to where it would fail.
 */
function secureTree(
  site: Site,
  { names, redirect, headers }: SiteTls,
  own: readonly Directive[],
  plain: readonly Directive[] | undefined,
  httpsPort: number,
): Directive[][] {
  const panel = site.runtime.type === 'panel'
  const all = [site.domain, ...site.aliases]
  const covered = all.filter(name => names.includes(name))
  const led = panel ? all : redirect ? covered : []
  const left = all.filter(name => !led.includes(name))
  const answer = [...own, ...content(site, httpsPort)]
  return [
    ...(led.length ? [[...listen(), ...identity(site, led), ...(plain ?? toTls(httpsPort))]] : []),
    ...(left.length ? [[...listen(), ...identity(site, left), ...(plain ?? answer)]] : []),
    ...(covered.length
      ? [
          [
            ...['https', 'https6'].map(name => directive('listen', [name, 'ssl'])),
            ...identity(site, covered),
            ...withHeaders(answer, headers),
          ],
        ]
      : []),
  ]
}

/** The web server takes headers from a level only where the level below adds none of its own. */
function withHeaders(block: readonly Directive[], headers: SiteTls['headers']): Directive[] {
  const added = headers.map(([name, value]) => directive('add_header', [name, value, 'always']))
  const deeper = block.map(each =>
    each.block?.some(({ name }) => name === 'add_header') ? { ...each, block: [...added, ...each.block] } : each,
  )
  return [...added, ...deeper]
}

/** After the listeners: whoever reads the file looks for them first. */
function withFirst(block: readonly Directive[], first: readonly Directive[]): Directive[] {
  const rest = block.filter(({ name }) => name !== 'listen')
  return [...block.filter(({ name }) => name === 'listen'), ...first, ...rest]
}

/** Whether a site publishes the panel, and nobody else brings a certificate for it. */
export function needsCertificate(site: Site, contributions: readonly VhostContribution[]): boolean {
  return (
    site.runtime.type === 'panel' &&
    !contributions.some(({ server, tls }) => tls !== undefined || server?.some(isTlsListener))
  )
}

/**
 * The panel answers over TLS alone, and under its names alone: where a listener has no default, the first block of it takes
 * unknown names, and a panel that people signed in to under somebody's name would leave its cookie there.
 */
function panelTree(
  site: Site,
  own: readonly Directive[],
  plain: readonly Directive[] | undefined,
  httpsPort: number,
): Directive[][] {
  const tls = own.some(isTlsListener) ? own : [...ownTls(site), ...own]
  return [
    [...listen(), ...identity(site), ...(plain ?? toTls(httpsPort))],
    [...tls.filter(isOfTls), ...identity(site, [`${site.tenant}.invalid`]), ...notFound()],
    [...tls, ...identity(site), ...content(site, httpsPort)],
  ]
}

function isTlsListener({ name, args }: Directive): boolean {
  return name === 'listen' && (args?.includes('ssl') ?? false)
}

function isOfTls({ name }: Directive): boolean {
  return name === 'listen' || name.startsWith('ssl_')
}

/** The panel's own certificate, in the file that goes with this one. */
function ownTls({ tenant }: Site): Directive[] {
  return [
    ...['https', 'https6'].map(name => directive('listen', [name, 'ssl'])),
    directive('ssl_certificate', [tenant]),
    directive('ssl_certificate_key', [tenant]),
    directive('ssl_protocols', ['TLSv1.2', 'TLSv1.3']),
  ]
}

function toTls(httpsPort: number): Directive[] {
  return [directive('location', ['/'], [directive('return', ['308', `https://${authority(httpsPort)}$request_uri`])])]
}

function notFound(): Directive[] {
  return [directive('location', ['/'], [directive('return', ['404'])])]
}

function listen(): Directive[] {
  return ['http', 'http6'].map(name => directive('listen', [name]))
}

/** What every server block of a site has: its names, its logs, its root, and the answer that proves it. */
function identity(site: Site, names: readonly string[] = [site.domain, ...site.aliases]): Directive[] {
  return [
    directive('server_name', [...names]),
    directive('server_tokens', ['off']),
    directive('root', [site.documentRoot]),
    // Without it a symlink to another tenant's file is served. From the site's root on, not from the document
    // root: the tenant can put a link in place of that folder too.
    directive('disable_symlinks', ['if_not_owner', '']),
    directive('access_log', ['access.log']),
    directive('error_log', ['error.log', 'error']),
    directive(
      'location',
      ['=', revisionPath],
      [
        directive('access_log', ['off']),
        directive('log_not_found', ['off']),
        directive('default_type', ['text/plain']),
        directive('if', ['($nusantara_local)'], [directive('return', ['200', { revision: true }])]),
        directive('return', ['404']),
      ],
    ),
  ]
}

function content(site: Site, httpsPort: number): Directive[] {
  if (site.suspended) return suspendedLocations()
  return [
    directive('client_max_body_size', [site.uploadLimit]),
    directive('index', [...site.index]),
    ...(site.runtime.type === 'panel' ? [] : errorPages(site)),
    ...hiddenFiles(site),
    ...runtimeLocations(site, httpsPort),
    ...parseDirectives(site.directives),
  ]
}

function errorPages({ errorPages }: Site): Directive[] {
  return Object.entries(errorPages)
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([status, page]) => directive('error_page', [Number(status), page]))
}

/** `.git`, `.env` and the like are nobody's business; `.well-known` is everybody's (RFC 8615). */
function hiddenFiles({ runtime }: Site): Directive[] {
  if (runtime.type !== 'static' && runtime.type !== 'php') return []
  return [
    directive(
      'location',
      ['~', '/\\.(?!well-known(?:/|\\z))'],
      [directive('access_log', ['off']), directive('log_not_found', ['off']), directive('return', ['404'])],
    ),
  ]
}
