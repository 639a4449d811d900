import { type Directive, directive } from '@nusantara/sdk'

/** PEM as the broker takes it: each block's label (RFC 7468) and its base64 text. */
export function pemTree(pem: string): Directive[] {
  const blocks = pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g)
  return [...blocks].map(([, label = '', body = '']) => directive(label, [body.replace(/\s/g, '')]))
}
