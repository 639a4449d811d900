import { type Directive, directive } from '@nusantara/sdk'
import type { Site, VhostContribution } from '../../api.js'
import { parseDirectives } from '../directives/parse-directives.js'
import { runtimeLocations } from './runtimes.js'
import { suspendedLocations } from './suspended.js'

/** Path on which every site answers, to this host alone, which configuration it runs. */
export const revisionPath = '/.well-known/nusantara-revision'

const listeners = ['http', 'http6']

/** The file of one site as this plugin makes it, before others extend it. */
export function vhostTree(site: Site): readonly Directive[] {
  return [directive('server', [], [...listen(), ...identity(site), ...content(site)])]
}

/** The whole file: this plugin's tree with what others contribute. */
export function extendedTree(site: Site, contributions: readonly VhostContribution[]): readonly Directive[] {
  const own = contributions.flatMap(({ server }) => server ?? [])
  const plain = contributions.flatMap(({ plain }) => plain ?? [])
  if (!contributions.some(contribution => contribution.plain))
    return [directive('server', [], [...listen(), ...identity(site), ...own, ...content(site)])]
  return [
    directive('server', [], [...listen(), ...identity(site), ...plain]),
    directive('server', [], [...own, ...identity(site), ...content(site)]),
  ]
}

function listen(): Directive[] {
  return listeners.map(name => directive('listen', [name]))
}

/** What every server block of a site has: its names, its logs, its root, and the answer that proves it. */
function identity(site: Site): Directive[] {
  return [
    directive('server_name', [site.domain, ...site.aliases]),
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

function content(site: Site): Directive[] {
  if (site.suspended) return suspendedLocations()
  return [
    directive('client_max_body_size', [site.uploadLimit]),
    directive('index', [...site.index]),
    ...errorPages(site),
    ...hiddenFiles(site),
    ...runtimeLocations(site),
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
  if (runtime.type === 'proxy' || runtime.type === 'redirect') return []
  return [
    directive(
      'location',
      ['~', '/\\.(?!well-known(?:/|\\z))'],
      [directive('access_log', ['off']), directive('log_not_found', ['off']), directive('return', ['404'])],
    ),
  ]
}
