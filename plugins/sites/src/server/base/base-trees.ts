import { type Directive, directive, type Tree } from '@nusantara/sdk'
import { tlsTree } from './tls-tree.js'

/**
 * What the web server needs before it can have sites. In `sandbox` the whole configuration is ours; a distribution's
 * own main file stays as it is and reads ours from conf.d, and its default site, which would answer unknown hosts,
 * goes.
 */
export function baseFiles(profile: 'sandbox' | 'system', secure: boolean): Readonly<Record<string, Tree | null>> {
  const shared = { http: httpTree(), default: defaultTree(), tls: secure ? tlsTree() : [] }
  return profile === 'sandbox' ? { main: mainTree(), ...shared } : { ...shared, distributionDefault: null }
}

/** Stands where a distribution's nginx.conf stands. */
export function mainTree(): readonly Directive[] {
  return [
    directive('user', ['', '']),
    directive('worker_processes', ['auto']),
    directive('worker_shutdown_timeout', ['60s']),
    directive('pid', ['nginx.pid']),
    directive('error_log', ['nginx-error.log', 'warn']),
    directive('events', [], [directive('worker_connections', [4096])]),
    directive(
      'http',
      [],
      [
        directive('include', ['/etc/nginx/mime.types']),
        directive('default_type', ['application/octet-stream']),
        directive('types_hash_max_size', [2048]),
        directive('sendfile', ['on']),
        directive('tcp_nopush', ['on']),
        directive('gzip', ['on']),
        directive('access_log', ['off']),
        ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name =>
          directive(`${name}_temp_path`, [`nginx-${name.replace('client_', '')}`]),
        ),
        directive('include', ['conf.d/*.conf']),
      ],
    ),
  ]
}

/** Settings at the http level that distributions leave alone, the server of the broker's probe, and the sites. */
export function httpTree(): readonly Directive[] {
  return [
    // A name of 253 characters does not fit the default bucket, and then nothing starts.
    directive('server_names_hash_bucket_size', ['512']),
    directive('server_names_hash_max_size', [16_384]),
    directive(
      'map',
      ['$http_upgrade', '$nusantara_connection'],
      [directive('default', ['close']), directive('websocket', ['upgrade'])],
    ),
    // A client whose address is the server's own is on this host.
    directive(
      'map',
      ['$remote_addr=$server_addr', '$nusantara_local'],
      [directive('default', ['0']), directive('~^(.+)=\\1\\z', ['1'])],
    ),
    // What an authority asks for that wants proof of a name (RFC 8555 §8.3); who contributes the location answers it.
    directive(
      'map',
      ['$uri', '$nusantara_challenge'],
      [directive('~^/\\.well-known/acme-challenge/(?<nusantara_token>[A-Za-z0-9_-]+)\\z', ['$nusantara_token'])],
    ),
    directive(
      'server',
      [],
      [
        directive('listen', ['nginx-revision.sock']),
        directive('server_tokens', ['off']),
        directive('access_log', ['off']),
        directive(
          'location',
          ['/'],
          [directive('default_type', ['text/plain']), directive('include', ['nusantara/revision.conf'])],
        ),
      ],
    ),
    directive('include', ['nusantara/default.conf']),
    directive('include', ['nusantara/tls.conf']),
    directive('include', ['nusantara.d/*.conf']),
  ]
}

/** Unknown host names, on every public listener. */
export function defaultTree(): readonly Directive[] {
  return [
    directive(
      'server',
      [],
      [
        directive('listen', ['http', 'default_server']),
        directive('listen', ['http6', 'default_server']),
        directive('server_name', ['_']),
        directive('server_tokens', ['off']),
        directive('access_log', ['off']),
        directive('log_not_found', ['off']),
        directive('location', ['/'], [directive('return', ['404'])]),
      ],
    ),
  ]
}
