/** What one argument of a custom directive may be. */
interface Argument {
  readonly matches: RegExp
  /** A key of `expectations` in refusals.ts, or the values themselves. */
  readonly expected: string
  /** The variables that a text may hold. */
  readonly variables?: string
}

export interface Allowed {
  readonly args: readonly Argument[]
  /** Further arguments of this kind. */
  readonly rest?: Argument
  /** What the last argument is, in place of its turn. */
  readonly last?: Argument
  /** How many of the leading arguments may be absent. */
  readonly optional?: number
  /** Has a block of directives for locations. */
  readonly block?: true
  readonly once?: true
}

/** Variables that hold nothing of this server's inside. */
const variables = 'host|http_host|scheme|request_uri|uri|args|is_args|query_string|remote_addr|server_name|server_port'
const variable = (more = '') => `\\$(?:${variables}${more})(?![A-Za-z0-9_])`
const textOf = (more = ''): Argument => ({
  matches: new RegExp(`^(?:[^$\\p{Cc}]|${variable(more)}){0,1024}$`, 'u'),
  expected: 'text',
  variables: `${variables}${more}`.replaceAll(/(^|\|)/g, (_, bar: string) => (bar ? ', $' : '$')),
})
const text = textOf()
const proxyText = textOf('|proxy_add_x_forwarded_for|http_upgrade|request_id')
const oneOf = (...values: string[]): Argument => ({
  matches: new RegExp(`^(?:${values.map(value => value.replace(/[.*+?^$|()[\]{}\\]/g, '\\$&')).join('|')})$`),
  expected: values.join(', '),
})
const switched = oneOf('on', 'off')
const duration: Argument = { matches: /^\d{1,6}[smh]$/, expected: 'duration' }
const size: Argument = { matches: /^\d{1,9}[kKmM]?$/, expected: 'size' }
const header: Argument = { matches: /^[A-Za-z0-9-]{1,64}$/, expected: 'header' }
const address: Argument = {
  matches: /^(?:all|[0-9A-Fa-f.:]{2,45}(?:\/\d{1,3})?)$/,
  expected: 'address',
}
const mime: Argument = { matches: /^[a-z0-9.+*-]+\/[a-z0-9.+*-]+$/, expected: 'media_type' }
const fileName: Argument = { matches: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/, expected: 'file_name' }
const page: Argument = {
  matches: /^\/[A-Za-z0-9._~/%+@-]{0,254}$/,
  expected: 'page',
}
// No '..': the web server opens what it tries below the root as it stands, parent directories and all. For the same
// reason what visitors write after '?' is only in the last one, which is asked for again instead of being opened.
const triedFile = '(?!.*\\.\\.)(?:/|\\$uri(?!\\w))(?:[A-Za-z0-9._~%+@/-]|\\$uri(?!\\w))*'
const tried: Argument = { matches: new RegExp(`^${triedFile}$`), expected: 'tried' }
const triedLast: Argument = {
  matches: new RegExp(
    `^(?:=[45]\\d\\d|${triedFile}(?:(?:\\?|\\$is_args(?!\\w))(?:[A-Za-z0-9._~%+@/=&-]|\\$(?:uri|args|query_string)(?!\\w))*)?)$`,
  ),
  expected: 'tried_last',
}

const anywhere: Readonly<Record<string, Allowed>> = {
  add_header: { args: [header, text, oneOf('always')], optional: 1 },
  expires: {
    args: [{ matches: /^(?:-?\d{1,6}[smhdwMy]?|max|off|epoch)$/, expected: 'time' }],
    once: true,
  },
  etag: { args: [switched], once: true },
  charset: { args: [{ matches: /^[A-Za-z0-9-]{1,32}$/, expected: 'charset' }], once: true },
  autoindex: { args: [switched], once: true },
  autoindex_exact_size: { args: [switched], once: true },
  absolute_redirect: { args: [switched], once: true },
  port_in_redirect: { args: [switched], once: true },
  gzip: { args: [switched], once: true },
  gzip_comp_level: { args: [{ matches: /^[1-9]$/, expected: '1–9' }], once: true },
  gzip_min_length: { args: [{ matches: /^\d{1,6}$/, expected: 'bytes' }], once: true },
  gzip_vary: { args: [switched], once: true },
  gzip_types: { args: [mime], rest: mime, once: true },
  allow: { args: [address] },
  deny: { args: [address] },
  client_body_timeout: { args: [duration], once: true },
  send_timeout: { args: [duration], once: true },
  keepalive_timeout: { args: [duration], once: true },
  log_not_found: { args: [switched], once: true },
  proxy_connect_timeout: { args: [duration], once: true },
  proxy_send_timeout: { args: [duration], once: true },
  proxy_buffering: { args: [switched], once: true },
  proxy_request_buffering: { args: [switched], once: true },
  proxy_buffer_size: { args: [size], once: true },
  proxy_set_header: { args: [header, proxyText] },
  proxy_hide_header: { args: [header] },
  fastcgi_buffering: { args: [switched], once: true },
  fastcgi_buffer_size: { args: [size], once: true },
}

/** Directives at the top of a site's custom text. */
export const siteDirectives: Readonly<Record<string, Allowed>> = {
  ...anywhere,
  location: {
    args: [
      { matches: /^(?:=|~|~\*|\^~|\/[A-Za-z0-9._~%+@/-]*)$/, expected: 'location' },
      {
        matches: /^[^$\p{Cc}\s][^$\p{Cc}]{0,254}$/u,
        expected: 'location_match',
      },
    ],
    optional: 1,
    block: true,
  },
}

/** Directives inside a `location`. */
export const locationDirectives: Readonly<Record<string, Allowed>> = {
  ...anywhere,
  index: { args: [fileName], rest: fileName, once: true },
  error_page: { args: [{ matches: /^[45]\d\d$/, expected: 'status' }, page] },
  try_files: { args: [tried, tried], rest: tried, last: triedLast, once: true },
  return: {
    args: [oneOf('204', '301', '302', '307', '308', '400', '401', '403', '404', '410', '451', '503'), text],
    optional: 1,
    once: true,
  },
}
