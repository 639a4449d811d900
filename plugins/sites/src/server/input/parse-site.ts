import type { Runtime, SiteSpec } from '../../api.js'
import { parseDirectives } from '../directives/parse-directives.js'
import { type DomainName, parseDomainName } from '../domain/domain-name.js'
import { Fields } from './fields.js'
import { completed, keptRuntime, parseRuntime } from './parse-runtime.js'
import { parseDocumentRoot, parseErrorPage, parseErrorStatus, parseIndex } from './paths.js'
import { Refusal } from './refusals.js'
import type { SiteFields } from './site-input.js'
import { defaults, type SiteRules } from './site-rules.js'
import { parseSize } from './sizes.js'

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
  const wanted = input.runtime && completed(input.runtime, before?.runtime)
  const { domain, aliases } = parseNames(input, namesAllowed(wanted ?? before?.runtime, rules), before, fields)
  const names = [domain ?? '', ...aliases]
  const runtime = wanted
    ? parseRuntime(wanted, { rules, names, before: before?.runtime }, fields)
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

/** Which names a site may have, by what it serves. */
interface NamesAllowed {
  readonly panel: boolean
  readonly panelHosts: readonly string[]
}

/** The names of the panel are for the panel alone. */
function namesAllowed(
  runtime: { readonly type: Runtime['type'] } | undefined,
  { panelHosts }: SiteRules,
): NamesAllowed {
  const panel = runtime?.type === 'panel'
  return { panel, panelHosts: panel ? [] : panelHosts }
}

/** The names that are given; those that stay are judged again when the site becomes the panel or ceases to be it. */
function parseNames(
  input: { readonly domain?: string; readonly aliases?: readonly string[] },
  allowed: NamesAllowed,
  before: SiteSpec | undefined,
  fields: Fields,
): { readonly domain: string | undefined; readonly aliases: readonly string[] } {
  const again = before && allowed.panel !== (before.runtime.type === 'panel')
  const given = input.domain ?? (again ? before.domain : undefined)
  const domain =
    given === undefined
      ? before?.domain
      : fields.parse('domain', () => parseDomainName(given, { panelHosts: allowed.panelHosts }))
  const kept = aliasesWithout(before, domain)
  const aliases = input.aliases ?? (again ? kept : undefined)
  return { domain, aliases: aliases ? parseAliases(aliases, domain, allowed, fields) : kept }
}

function aliasesWithout(before: SiteSpec | undefined, domain: string | undefined): readonly string[] {
  return (before?.aliases ?? []).filter(alias => alias !== domain)
}

function parseAliases(
  input: readonly string[],
  domain: string | undefined,
  { panel, panelHosts }: NamesAllowed,
  fields: Fields,
): DomainName[] {
  const aliases: DomainName[] = []
  for (const [index, value] of input.entries()) {
    const alias = fields.parse(`aliases.${index}`, () => {
      const name = parseDomainName(value, { wildcard: true, panelHosts })
      if (name === domain || aliases.includes(name)) throw new Refusal('domain_twice', { value: name })
      if (name.startsWith('*.') && panel) throw new Refusal('domain_wildcard_panel', { value: name })
      if (name.startsWith('*.') && aliases.some(other => other.startsWith('*.')))
        throw new Refusal('domain_wildcard_several')
      return name
    })
    if (alias) aliases.push(alias)
  }
  return aliases
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
