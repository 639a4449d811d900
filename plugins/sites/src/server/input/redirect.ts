import { claims } from '../domain/domain-name.js'
import { Refusal } from './refusals.js'
import { shown } from './shown.js'

export interface RedirectRules {
  readonly keepPath: boolean
  /** All names of the site, wildcards as well. */
  readonly names: readonly string[]
  /** Port of the public plain listener. */
  readonly httpPort: number
}

/**
 * Target of a redirect in its normal form: absolute http(s), host in ASCII, nothing that a configuration file or a
 * header could read as syntax. With `keepPath` it ends without a slash, because the request's own follows.
 *
 * @throws Refusal
 */
export function parseRedirect(input: string, rules: RedirectRules): string {
  const refused = () => new Refusal('redirect_url', { value: shown(input) })
  if (input.length > 2000 || !/^https?:\/\/[^/\\]/i.test(input) || /[\s"'<>\\^`{|}$]|[\p{Cc}\p{Cf}]/u.test(input))
    throw refused()
  if (!URL.canParse(input)) throw refused()
  const url = new URL(input)
  if (url.username || url.password || !url.hostname || !/^[a-z0-9.:[\]-]+$/.test(url.hostname)) throw refused()
  if (rules.keepPath && (url.search || url.hash)) throw new Refusal('redirect_query')
  checkLoop(url.href, rules)
  return rules.keepPath ? url.href.replace(/\/+$/, '') : url.href
}

/**
 * A site that redirects does so for every path, so a target on itself is asked for again without end. Plain HTTP only:
 * whether it answers HTTPS is another plugin's business.
 *
 * @param target absolute URL
 * @throws Refusal
 */
export function checkLoop(target: string, { names, httpPort }: Omit<RedirectRules, 'keepPath'>): void {
  const { protocol, port, hostname } = new URL(target)
  const plain = protocol === 'http:' && (port === '' || Number(port) === httpPort)
  // A browser asks for the name without its final dot, or the web server takes it off.
  const host = hostname.replace(/\.$/, '')
  if (plain && names.some(name => claims(name, host))) throw new Refusal('redirect_loop', { value: shown(target) })
}
