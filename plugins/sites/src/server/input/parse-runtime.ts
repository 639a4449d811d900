import type { Runtime } from '../../api.js'
import type { Fields } from './fields.js'
import { parsePhpSetting } from './php-settings.js'
import { checkLoop, parseRedirect } from './redirect.js'
import { Refusal } from './refusals.js'
import type { RuntimeInput } from './site-input.js'
import { defaults, type SiteRules } from './site-rules.js'
import { parseUpstream } from './upstream.js'

/** What stands beside the runtime's own input. */
interface Around {
  readonly rules: SiteRules
  /** Of the site as it will be. */
  readonly names: readonly string[]
  readonly before?: Runtime | undefined
}

/** The runtime asked for. Of one that the site has already, what is left out stays as it is. */
export function completed(input: RuntimeInput, before: Runtime | undefined): Exclude<RuntimeInput, string> {
  const given = typeof input === 'string' ? { type: input } : input
  return before?.type === given.type ? { ...before, ...given } : given
}

export function parseRuntime(
  given: Exclude<RuntimeInput, string>,
  { rules, names, before }: Around,
  fields: Fields,
): Runtime | undefined {
  switch (given.type) {
    case 'static':
      return { type: 'static' }
    case 'panel':
      return fields.parse('runtime.type', () => parsePanel(rules))
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

/** @throws Refusal */
export function parsePanel({ panel }: Pick<SiteRules, 'panel'>): Runtime {
  if (!panel) throw new Refusal('runtime_panel')
  return { type: 'panel' }
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
export function keptRuntime(
  runtime: Runtime | undefined,
  { rules, names }: Around,
  fields: Fields,
): Runtime | undefined {
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
