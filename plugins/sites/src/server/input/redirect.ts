import { Refusal } from './refusals.js'

const shown = (value: string) => value.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}').slice(0, 80)

/**
 * Target of a redirect in its normal form: absolute http(s), host in ASCII, nothing that a configuration file or a
 * header could read as syntax. With `keepPath` it ends without a slash, because the request's own follows.
 *
 * @throws Refusal
 */
export function parseRedirect(input: string, options: { keepPath: boolean; names: readonly string[] }): string {
  const refused = () => new Refusal('redirect_url', { value: shown(input) })
  if (input.length > 2000 || !/^https?:\/\/[^/\\]/i.test(input) || /[\s"'<>\\^`{|}$]|[\p{Cc}\p{Cf}]/u.test(input))
    throw refused()
  if (!URL.canParse(input)) throw refused()
  const url = new URL(input)
  if (url.username || url.password || !url.hostname || !/^[a-z0-9.:[\]-]+$/.test(url.hostname)) throw refused()
  if (options.keepPath && (url.search || url.hash)) throw new Refusal('redirect_query')
  if (options.keepPath && url.pathname === '/' && options.names.includes(url.hostname) && isPlain(url))
    throw new Refusal('redirect_loop', { value: shown(input) })
  const target = url.href
  return options.keepPath ? target.replace(/\/+$/, '') : target
}

/** Plain HTTP on the default port: where the redirecting site itself answers. */
function isPlain(url: URL): boolean {
  return url.protocol === 'http:' && url.port === ''
}
