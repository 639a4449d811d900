import { type Directive, directive } from '@nusantara/sdk'

/** Mozilla's "intermediate" (Server Side TLS 5.7) without finite-field Diffie-Hellman; those of TLS 1.3 are the library's. */
const ciphers = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/**
 * One TLS context for every site: the certificate is looked up when a client names a site, in maps that each site's own
 * files fill. A context for each site would be made anew by every check and every reload (with 1,000 of them 0.7 s each;
 * so 0.05 s); the price is that a full handshake reads its certificate and key, 0.7 ms of a processor.
 *
 * Names that nobody has are refused in the handshake, and so is a client of TLS 1.2 where a site wants 1.3 alone.
 */
export function tlsTree(): readonly Directive[] {
  const include = (kind: string) => directive('include', [`nusantara.d/*.${kind}`])
  const lookup = (source: string, variable: string, entries: readonly Directive[]) =>
    directive('map', [source, variable], entries)
  return [
    lookup('$ssl_server_name', '$nusantara_named', [directive('hostnames'), include('names')]),
    lookup('$nusantara_named', '$nusantara_modern', [include('modern')]),
    // A client of TLS 1.2 finds no certificate where the site wants 1.3 alone.
    lookup('$ssl_protocol:$nusantara_modern', '$nusantara_tls', [
      directive('default', ['$nusantara_named']),
      directive('~^TLSv1\\.2:.+\\z', ['']),
    ]),
    lookup('$nusantara_tls', '$nusantara_key', [include('key')]),
    ...[0, 1, 2].map(part => lookup('$nusantara_tls', `$nusantara_chain${part}`, [include(`chain${part}`)])),
    directive(
      'server',
      [],
      [
        ...['https', 'https6'].map(name => directive('listen', [name, 'ssl', 'http2', 'default_server'])),
        directive('server_name', ['_']),
        directive('server_tokens', ['off']),
        directive('access_log', ['off']),
        directive('ssl_reject_handshake', ['on']),
        directive('ssl_certificate', ['data:$nusantara_chain0$nusantara_chain1$nusantara_chain2']),
        directive('ssl_certificate_key', ['data:$nusantara_key']),
        directive('ssl_protocols', ['TLSv1.2', 'TLSv1.3']),
        directive('ssl_ciphers', [ciphers]),
        directive('ssl_prefer_server_ciphers', ['off']),
        directive('ssl_session_timeout', ['1d']),
        directive('ssl_session_cache', ['shared:nusantara:10m']),
        directive('ssl_session_tickets', ['off']),
        // A name that nobody has, asked for over a connection that was opened for somebody else's (RFC 9110 §15.5.20).
        directive('location', ['/'], [directive('return', ['421'])]),
      ],
    ),
  ]
}
