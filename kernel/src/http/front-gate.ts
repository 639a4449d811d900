import type { IncomingMessage } from 'node:http'
import { Lifecycle, scoped } from 'tsyringe'
import { MalformedTarget, MethodUnknown, MisdirectedHost } from './errors.js'
import type { Door } from './exchange.js'
import { Hosts } from './hosts.js'
import { RouteRegistry } from './route-registry.js'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** The first look at a request, before it is routed: its method, its target's form, and the name it was sent to. */
@scoped(Lifecycle.ContainerScoped)
export class FrontGate {
  constructor(
    private readonly hosts: Hosts,
    private readonly registry: RouteRegistry,
  ) {}

  /** @throws MethodUnknown, MalformedTarget, MisdirectedHost */
  check({ method = '', url = '', headers, rawHeaders }: IncomingMessage, door: Door): void {
    if (!methods.has(method)) throw MethodUnknown({ method: method.slice(0, 32) })
    this.#checkTarget(method, url)
    if (door === 'cli') return
    const host = headers.host ?? ''
    if (!this.hosts.allows(host) || repeats(rawHeaders, 'host')) throw MisdirectedHost({ host: host.slice(0, 255) })
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
