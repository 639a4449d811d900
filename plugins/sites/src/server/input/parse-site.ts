import type { Runtime, SiteSpec } from '../../api.js'
import { parseDirectives } from '../directives/parse-directives.js'
import { type DomainName, parseDomainName } from '../domain/domain-name.js'
import { Fields } from './fields.js'
import { parseDocumentRoot, parseErrorPage, parseErrorStatus, parseIndex } from './paths.js'
import { parsePhpSetting } from './php-settings.js'
import type { PortRange } from './port-ranges.js'
import { checkLoop, parseRedirect } from './redirect.js'
import { Refusal } from './refusals.js'
import type { RuntimeInput, SiteFields } from './site-input.js'
import { parseSize } from './sizes.js'
import { parseUpstream } from './upstream.js'

/** What decides whether an input is acceptable, besides the input. */
export interface SiteRules {
  readonly panelHosts: readonly string[]
  readonly ports: { readonly http: number; readonly https: number }
  /** Ports of this machine that no site may proxy to: the panel's and the listeners'. */
  readonly ownPorts: readonly number[]
  /** Installed PHP-FPM versions, newest first. */
  readonly php: readonly string[]
  /** Proxying to other machines and to every port. */
  readonly anyUpstream: boolean
  /** Loopback ports that others may proxy to. */
  readonly proxyPorts: readonly PortRange[]
  /** The permission sites:directives. */
  readonly directives: boolean
}

export const defaults = {
  documentRoot: 'public',
  index: { static: ['index.html', 'index.htm'], php: ['index.php', 'index.html'] },
  uploadLimit: '16m',
  processes: 5,
  timeout: 60,
} as const

const maxUpload = '100g'

/**
 * Makes the specification that an input asks for, out of what the site is now.
 *
 * @param before absent for a new site
 * @throws invalid_input naming every bad field
 */
export function parseSite(
  input: SiteFields & { readonly domain?: string; readonly directives?: string },
  rules: SiteRules,
  before?: SiteSpec,
): SiteSpec {
  const fields = new Fields()
  const domain =
    input.domain === undefined
      ? before?.domain
      : fields.parse('domain', () => parseDomainName(input.domain ?? '', { panelHosts: rules.panelHosts }))
  const aliases = input.aliases ? parseAliases(input.aliases, domain, rules, fields) : aliasesWithout(before, domain)
  const names = [domain ?? '', ...aliases]
  const runtime = input.runtime
    ? parseRuntime(completed(input.runtime, before?.runtime), { rules, names, before: before?.runtime }, fields)
    : keptRuntime(before?.runtime, { rules, names }, fields)
  const spec = {
    domain: domain ?? '',
    aliases,
    runtime: runtime ?? { type: 'static' as const },
    documentRoot:
      input.documentRoot === undefined
        ? (before?.documentRoot ?? defaults.documentRoot)
        : (fields.parse('documentRoot', () => parseDocumentRoot(input.documentRoot ?? '')) ?? ''),
    index: parseIndexes(input, before, runtime, fields),
    errorPages: input.errorPages ? parseErrorPages(input.errorPages, fields) : (before?.errorPages ?? {}),
    uploadLimit:
      input.uploadLimit === undefined
        ? (before?.uploadLimit ?? defaults.uploadLimit)
        : (fields.parse('uploadLimit', () => parseSize(input.uploadLimit ?? '', maxUpload)) ?? ''),
    directives:
      input.directives === undefined || input.directives === before?.directives
        ? (before?.directives ?? '')
        : (fields.parse('directives', () => checkDirectives(input.directives ?? '', rules)) ?? ''),
    suspended: before?.suspended ?? false,
  }
  fields.check()
  return spec
}

function aliasesWithout(before: SiteSpec | undefined, domain: string | undefined): readonly string[] {
  return (before?.aliases ?? []).filter(alias => alias !== domain)
}

function parseAliases(
  input: readonly string[],
  domain: string | undefined,
  { panelHosts }: SiteRules,
  fields: Fields,
): DomainName[] {
  const aliases: DomainName[] = []
  for (const [index, value] of input.entries()) {
    const alias = fields.parse(`aliases.${index}`, () => {
      const name = parseDomainName(value, { wildcard: true, panelHosts })
      if (name === domain || aliases.includes(name)) throw new Refusal('domain_twice', { value: name })
      if (name.startsWith('*.') && aliases.some(other => other.startsWith('*.')))
        throw new Refusal('domain_wildcard_several')
      return name
    })
    if (alias) aliases.push(alias)
  }
  return aliases
}

/** What stands beside the runtime's own input. */
interface Around {
  readonly rules: SiteRules
  /** Of the site as it will be. */
  readonly names: readonly string[]
  readonly before?: Runtime | undefined
}

/** The runtime asked for. Of one that the site has already, what is left out stays as it is. */
function completed(input: RuntimeInput, before: Runtime | undefined): Exclude<RuntimeInput, string> {
  const given = typeof input === 'string' ? { type: input } : input
  return before?.type === given.type ? { ...before, ...given } : given
}

function parseRuntime(
  given: Exclude<RuntimeInput, string>,
  { rules, names, before }: Around,
  fields: Fields,
): Runtime | undefined {
  switch (given.type) {
    case 'static':
      return { type: 'static' }
    case 'php':
      return parsePhp(given, rules, fields)
    case 'proxy': {
      const { target, timeout = defaults.timeout } = given
      const upstream = fields.parse('runtime.target', () => parseTarget(target, rules, before))
      return upstream === undefined ? undefined : { type: 'proxy', target: upstream, timeout }
    }
    case 'redirect': {
      const { target, keepPath = true } = given
      const status = (given.status ?? 301) as 301 | 302 | 307 | 308
      const httpPort = rules.ports.http
      const url = fields.parse('runtime.target', () => parseRedirect(target, { keepPath, names, httpPort }))
      return url === undefined ? undefined : { type: 'redirect', target: url, status, keepPath }
    }
  }
}

/**
 * A target that a site has it keeps, whoever may choose it now: an administrator chose it, or the grant was narrowed since.
 *
 * @throws Refusal
 */
export function parseTarget(
  target: string,
  { anyUpstream, proxyPorts, ownPorts }: Pick<SiteRules, 'anyUpstream' | 'proxyPorts' | 'ownPorts'>,
  before?: Runtime,
): string {
  const kept = before?.type === 'proxy' && before.target === parseUpstreamOrNull(target, ownPorts)
  return parseUpstream(target, { anyTarget: anyUpstream || kept, granted: proxyPorts, ownPorts })
}

function parseUpstreamOrNull(target: string, ownPorts: readonly number[]): string | null {
  try {
    return parseUpstream(target, { anyTarget: true, granted: [], ownPorts })
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** A redirect must not lead to a name that its site takes on now. */
function keptRuntime(runtime: Runtime | undefined, { rules, names }: Around, fields: Fields): Runtime | undefined {
  if (runtime?.type === 'redirect')
    fields.parse('runtime.target', () => checkLoop(runtime.target, { names, httpPort: rules.ports.http }))
  return runtime
}

function parsePhp(
  given: Extract<Exclude<RuntimeInput, string>, { type: 'php' }>,
  { php }: SiteRules,
  fields: Fields,
): Runtime {
  const version = fields.parse('runtime.version', () => {
    const newest = php[0]
    if (newest === undefined) throw new Refusal('runtime_php_missing')
    const wanted = given.version ?? newest
    if (!php.includes(wanted)) throw new Refusal('runtime_version', { value: wanted, installed: php.join(', ') })
    return wanted
  })
  const settings: Record<string, string> = {}
  for (const [name, value] of Object.entries(given.settings ?? {})) {
    const parsed = fields.parse(`runtime.settings.${name}`, () => parsePhpSetting(name, value))
    if (parsed !== undefined) settings[name] = parsed
  }
  return { type: 'php', version: version ?? '', settings, processes: given.processes ?? defaults.processes }
}

function parseIndexes(
  input: SiteFields,
  before: SiteSpec | undefined,
  runtime: Runtime | undefined,
  fields: Fields,
): readonly string[] {
  if (input.index)
    return input.index.flatMap((value, index) => fields.parse(`index.${index}`, () => parseIndex(value)) ?? [])
  const usual = (of: Runtime | undefined) => (of?.type === 'php' ? defaults.index.php : defaults.index.static)
  if (!before) return usual(runtime)
  // Whoever never chose index files gets those of the new runtime with it.
  return before.index.join() === usual(before.runtime).join() ? usual(runtime) : before.index
}

function parseErrorPages(input: Readonly<Record<string, string>>, fields: Fields): Record<string, string> {
  const pages: Record<string, string> = {}
  for (const [status, page] of Object.entries(input))
    fields.parse(`errorPages.${status}`, () => {
      pages[parseErrorStatus(status)] = parseErrorPage(page)
    })
  return pages
}

function checkDirectives(text: string, rules: SiteRules): string {
  if (text.trim() === '') return ''
  if (!rules.directives) throw new Refusal('directives_permission')
  parseDirectives(text)
  return text
}
