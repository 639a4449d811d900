import type { IncomingMessage } from 'node:http'
import { Lifecycle, scoped } from 'tsyringe'
import { MalformedTarget, MethodUnknown, MisdirectedHost } from './errors.js'
import type { Door } from './exchange.js'
import { Hosts } from './hosts.js'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** The first look at a request, before it is routed: its method, its target's form, and the name it was sent to. */
@scoped(Lifecycle.ContainerScoped)
export class FrontGate {
  constructor(private readonly hosts: Hosts) {}

  /** @throws MethodUnknown, MalformedTarget, MisdirectedHost */
  check({ method = '', url = '', headers, rawHeaders }: IncomingMessage, door: Door): void {
    if (!methods.has(method)) throw MethodUnknown({ method: method.slice(0, 32) })
    if (!isPathTarget(url)) throw MalformedTarget()
    if (door === 'cli') return
    const host = headers.host ?? ''
    if (!this.hosts.allows(host) || repeats(rawHeaders, 'host')) throw MisdirectedHost({ host: host.slice(0, 255) })
  }
}

/** Origin form (RFC 9112 §3.2.1) whose path decodes; the absolute form would name a second host. */
function isPathTarget(target: string): boolean {
  if (!target.startsWith('/')) return false
  if (!target.includes('%')) return true
  try {
    decodeURIComponent(target.split('?', 1)[0] ?? '')
    return true
  } catch {
    return false
  }
}

/** Node keeps the first of several Host headers; RFC 9112 §3.2 has such a request refused. */
function repeats(rawHeaders: readonly string[], name: string): boolean {
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) if (rawHeaders[index]?.toLowerCase() === name) seen++
  return seen > 1
}
