import type { IncomingMessage } from 'node:http'
import { Lifecycle, scoped } from 'tsyringe'
import { ClientAddress } from './client-address.js'
import { ClientUnnamed, MalformedTarget, MethodUnknown, MisdirectedHost } from './errors.js'
import type { Door } from './exchange.js'
import { forwardedFor } from './forwarded-for.js'
import { Hosts, hostName } from './hosts.js'
import { RouteRegistry } from './route-registry.js'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** The first look at a request, before it is routed: its method, its target's form, and the name it was sent to. */
@scoped(Lifecycle.ContainerScoped)
export class FrontGate {
  constructor(
    private readonly hosts: Hosts,
    private readonly addresses: ClientAddress,
    private readonly registry: RouteRegistry,
  ) {}

  /** @throws MethodUnknown, MalformedTarget, MisdirectedHost, ClientUnnamed */
  check(request: IncomingMessage, door: Door): void {
    const { method = '', url = '' } = request
    if (!methods.has(method)) throw MethodUnknown({ method: method.slice(0, 32) })
    this.#checkTarget(method, url)
    if (door === 'cli') return
    this.#checkHost(request, door)
    if (door === 'front' && !this.addresses.behindFront(forwardedFor(request))) throw ClientUnnamed()
  }

  /** A web server in front sends on what came for the names that it was given for the panel, and nothing else. */
  #checkHost({ headers, rawHeaders }: IncomingMessage, door: Door): void {
    const host = headers.host ?? ''
    const known = door === 'front' ? hostName(host) !== undefined : this.hosts.allows(host)
    if (!known || repeats(rawHeaders, 'host')) throw MisdirectedHost({ host: host.slice(0, 255) })
  }

  /** Origin form (RFC 9112 §3.2.1) whose path decodes; the absolute form would name a second host. */
  #checkTarget(method: string, target: string): void {
    if (!target.startsWith('/')) throw MalformedTarget({ part: 'path', name: 'path', reason: 'form' })
    if (!target.includes('%')) return
    const parts = (target.split('?', 1)[0] ?? '').split('/')
    const bad = parts.findIndex(part => !decodes(part))
    if (bad < 0) return
    throw MalformedTarget({ part: 'path', name: this.#parameter(method, parts, bad), reason: 'encoding' })
  }

  /** What a route with such a path calls the part. */
  #parameter(method: string, parts: readonly string[], index: number): string {
    const names = this.registry.list().flatMap(route => {
      const expected = route.path.split('/')
      const fits =
        (route.method === method || method === 'HEAD') &&
        expected.length === parts.length &&
        expected.every((each, at) => each.startsWith(':') || each === parts[at])
      return fits && expected[index]?.startsWith(':') ? [expected[index].slice(1)] : []
    })
    return names[0] ?? 'path'
  }
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text)
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
