type Params = Readonly<Record<string, string | number>>

/** What a value should have been, to complete "it takes …". Catalogues choose by the same keys. */
export const expectations = {
  text: (p: Params) => `text, with no '$' but of the variables ${p.variables}`,
  duration: () => 'a duration such as 30s or 5m',
  size: () => 'a size such as 64k or 256m',
  integer: (p: Params) => `a whole number from ${p.min} to ${p.max}`,
  timezone: () => 'an IANA time zone such as Asia/Jakarta',
  header: () => 'a header name',
  address: () => 'all, an address or a range',
  media_type: () => 'a media type',
  file_name: () => 'a file name',
  page: () => "a path on the site that begins with '/'",
  tried: () => 'a path without .. or $uri',
  tried_last: () => 'a path without .., with or without $is_args$args, or =404',
  time: () => 'a time such as 7d, max or off',
  charset: () => 'a character set',
  bytes: () => 'a number of bytes',
  location: () => "=, ~, ~*, ^~ or a path that begins with '/'",
  location_match: () => 'a path or a regular expression (its end is \\z, not $)',
  status: () => 'a status from 400 to 599',
  nothing: () => 'nothing',
} as const

/** Values are given as they are: `on, off`. */
function expected(p: Params): string {
  const key = String(p.expected)
  return Object.hasOwn(expectations, key) ? expectations[key as keyof typeof expectations](p) : key
}

/** What is wrong with a text of directives. Catalogues choose by the same keys. */
export const syntaxFaults = {
  unended: (name: string) => `'${name}' is not ended; add a ';'`,
  unclosed: () => "a block is never closed; add a '}'",
  unopened: () => "a '}' closes nothing",
  misplaced: (name: string) => `'${name}' stands where a directive should`,
  repeated: (name: string) => `'${name}' stands more than once; keep one`,
  blockless: (name: string) => `'${name}' takes no block; end it with ';'`,
  block_missing: (name: string) => `'${name}' needs a block in braces`,
  quote_line: (name: string) => `a quoted text goes on over the end of the line; add the missing ${name}`,
  quote_joined: (name: string) => `'${name}' follows a closing quote; put a space between`,
  quote_open: (name: string) => `a quote is never closed; add the missing ${name}`,
  quote_inside: () => 'a quote stands inside a word; quote the whole word',
  brace_inside: () => "a '}' stands inside a word; quote the word or put a space before it",
} as const

export type SyntaxFault = keyof typeof syntaxFaults

const counts: Readonly<Record<string, (p: Params) => string>> = {
  least: p => `at least ${p.least}`,
  either: p => `${p.least} or ${p.most}`,
  exactly: p => `${p.most}`,
}

const characters: Readonly<Record<string, string>> = { space: 'a space', underscore: "an underscore ('_')" }

/**
 * Why a value of a person's input is refused: code → English text. The same codes stand as `field.sites.<code>` in the
 * catalogues, where readers of other languages find them.
 */
export const refusals = {
  domain_empty: () => 'the name is empty; give one such as example.test',
  domain_character: (p: Params) =>
    `domain '${p.value}' contains ${characters[String(p.character)] ?? p.character}; use letters, digits, hyphens and dots`,
  domain_url: (p: Params) => `'${p.value}' is more than a domain; give the name alone, such as ${p.suggestion}`,
  domain_trailing_dot: (p: Params) => `domain '${p.value}' ends with a dot; remove it`,
  domain_empty_label: (p: Params) => `domain '${p.value}' has an empty part; two dots must not touch`,
  domain_label_long: (p: Params) => `the part '${p.label}' has more than 63 characters in ASCII form; shorten it`,
  domain_long: (p: Params) => `the domain has ${p.length} characters in ASCII form; at most 253 are allowed`,
  domain_hyphen: (p: Params) => `the part '${p.label}' begins or ends with a hyphen; remove it`,
  domain_reserved_hyphens: (p: Params) =>
    `the part '${p.label}' has hyphens in third and fourth place, which is reserved for encoded names; change it`,
  domain_address: (p: Params) => `'${p.value}' is an IP address; a site needs a name`,
  domain_single: (p: Params) => `'${p.value}' is a single word; give a full name such as ${p.value}.test`,
  domain_numeric: (p: Params) => `the last part '${p.label}' is a number; a domain ends with a top level name`,
  domain_encoding: (p: Params) => `domain '${p.value}' is not a valid internationalized name; check its spelling`,
  domain_compatibility: (p: Params) =>
    `domain '${p.value}' uses characters that only look like others; it would become '${p.ascii}': type that name if it is meant`,
  domain_mixed_scripts: (p: Params) =>
    `the part '${p.label}' mixes letters of different scripts, as imitations of other names do; use one script`,
  domain_confusable: (p: Params) =>
    `the part '${p.label}' consists of ${p.script} letters that look like Latin ones; use Latin letters or a ${p.script} top level name`,
  domain_letter: (p: Params) =>
    `the part '${p.label}' has the letter '${p.letter}', which passes for another one; use an ordinary letter`,
  domain_middle_dot: (p: Params) =>
    `the part '${p.label}' has a '${p.letter}' that passes for a dot; it may stand only between two l (·) or beside Japanese letters (・)`,
  domain_wildcard: (p: Params) => `'${p.value}' has a wildcard; only an alias may begin with '*.'`,
  domain_wildcard_place: (p: Params) =>
    `'${p.value}' has a '*' elsewhere than as the whole first part; write *.example.test`,
  domain_wildcard_broad: (p: Params) =>
    `'${p.value}' would take a whole top level name; put at least two parts after '*.'`,
  domain_wildcard_several: () => 'a site has at most one wildcard alias; remove the others',
  domain_wildcard_panel: (p: Params) =>
    `'${p.value}' has a wildcard, but each name of the panel is one to sign in at; give the names themselves`,
  domain_panel: (p: Params) =>
    `'${p.value}' is a name of the panel itself, whose sign-in cookie a site would receive; choose another`,
  domain_twice: (p: Params) => `'${p.value}' stands more than once; remove the repetition`,
  runtime_panel: () => 'only administrators publish the panel itself; choose what the site should serve',
  runtime_version: (p: Params) => `PHP ${p.value} is not installed; installed are: ${p.installed}`,
  runtime_php_missing: () => 'no PHP-FPM is installed on this server; install one, such as the package php-fpm',
  setting_unknown: (p: Params) => `PHP setting '${p.name}' may not be set here; allowed are: ${p.allowed}`,
  setting_value: (p: Params) => `PHP setting '${p.name}' cannot be '${p.value}'; it takes ${expected(p)}`,
  upstream_form: (p: Params) =>
    `'${p.value}' is not a target; give http://127.0.0.1:3000, http://[::1]:3000 or unix:app.sock`,
  upstream_host: (p: Params) =>
    `'${p.host}' is not this machine; only administrators may proxy to other addresses. Use 127.0.0.1 or [::1]`,
  upstream_name: (p: Params) =>
    `'${p.host}' is a name, which would have to be resolved whenever the web server starts; give its address`,
  upstream_address: (p: Params) =>
    `'${p.host}' is a link-local, multicast or reserved address; give that of the application`,
  upstream_port: (p: Params) =>
    `port ${p.port} belongs to the web server or the system; give the port of the application, 1024 to 65535`,
  upstream_not_granted: (p: Params) =>
    `port ${p.port} is not granted to owners of sites (granted: ${p.granted}); use a socket of the site such as unix:app.sock, or ask an administrator to grant the port`,
  upstream_socket: (p: Params) =>
    `'${p.value}' is not a socket below the site's run directory; give a plain name such as app.sock`,
  redirect_url: (p: Params) => `'${p.value}' is not an absolute http or https URL without user name, spaces or quotes`,
  redirect_query: () => 'a target with a query or fragment cannot keep the path; remove it or set keepPath to false',
  redirect_loop: (p: Params) => `'${p.value}' leads back to this site, so it would never end; give another target`,
  path_form: (p: Params) =>
    `'${p.value}' is not a relative path; give folder names of letters, digits, '.', '_' and '-' joined by '/'`,
  index_form: (p: Params) => `'${p.value}' is not a file name; use letters, digits, '.', '_' and '-'`,
  error_page: (p: Params) =>
    `'${p.value}' is not a path on the site; begin with '/' and use no spaces, quotes, braces or '..'`,
  error_status: (p: Params) => `'${p.value}' is not an HTTP status from 400 to 599`,
  size_form: (p: Params) => `'${p.value}' is not a size; write 512k, 64m or 2g, at most ${p.max}`,
  directives_permission: () => 'custom directives need the permission sites:directives; ask an administrator',
  directives_syntax: (p: Params) => `line ${p.line}: ${syntaxFaults[p.reason as SyntaxFault](String(p.name))}`,
  directives_unknown: (p: Params) => `line ${p.line}: '${p.name}' may not stand here; allowed are: ${p.allowed}`,
  directives_argument: (p: Params) => `line ${p.line}: '${p.name}' cannot have '${p.value}'; it takes ${expected(p)}`,
  directives_count: (p: Params) =>
    `line ${p.line}: '${p.name}' has ${p.count} arguments; it takes ${counts[String(p.expected)]?.(p)}`,
} as const

export type RefusalCode = keyof typeof refusals

/** A value that is refused, not yet tied to a field. */
export class Refusal extends Error {
  constructor(
    readonly reason: RefusalCode,
    readonly params: Params = {},
  ) {
    super(refusals[reason](params))
  }
}
