import { type Actor, Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Authenticator } from '../auth/authenticator.js'
import { Resources } from '../rbac/resources.js'
import { Content } from './content.js'
import { StreamLimit, TopicsRefused } from './errors.js'
import { EventStream } from './event-stream.js'
import type { KernelRequest } from './kernel-request.js'
import { Live } from './live.js'
import type { RouteRegistry } from './route-registry.js'
import { type Grants, Topics } from './topics.js'

const mostStreams = 16

interface EventsQuery {
  readonly topics: string
  /** What a browser sends as Last-Event-ID when it opens a stream again, for a stream that goes on after another one. */
  readonly after?: string
}

/** `GET /api/v1/events`: the one event stream of a browser. */
@scoped(Lifecycle.ContainerScoped)
export class EventsRoutes {
  /** Open streams by session or token. */
  readonly #open = new Map<string, number>()

  constructor(
    private readonly live: Live,
    private readonly topics: Topics,
    private readonly authenticator: Authenticator,
    private readonly resources: Resources,
  ) {}

  register(registry: RouteRegistry): void {
    registry.addStream('kernel', {
      topic: 'resource:*',
      permission: 'authenticated',
      authorize: async (actor, topic) => {
        const [, type = '', id = ''] = topic.split(':')
        return (await this.resources.find(actor, type, id)) !== null
      },
    })
    registry.add('kernel', {
      operation: 'events.listen',
      method: 'GET',
      path: '/events',
      permission: 'authenticated',
      summary: 'Stream of live events, resumable by Last-Event-ID or after',
      query: object<EventsQuery>({ topics: Joi.string().max(8192).required(), after: Joi.string().max(64) }),
      response: Joi.string(),
      produces: 'text/event-stream',
      cli: false,
      handler: (request: KernelRequest<unknown, EventsQuery>) => this.#listen(request),
    })
  }

  async #listen(request: KernelRequest<unknown, EventsQuery>): Promise<Content> {
    const grants = await this.topics.grant(request.actor, request.query.topics.split(',').filter(Boolean))
    if (grants.topics.size === 0) throw TopicsRefused({ topics: grants.refused.join(', ') })
    const key = request.actor.sessionId ?? request.actor.id
    if ((this.#open.get(key) ?? 0) >= mostStreams) throw StreamLimit({ limit: mostStreams })
    return this.#content(request, grants, key)
  }

  #content(request: KernelRequest<unknown, EventsQuery>, { topics, refused }: Grants, key: string): Content {
    const cut = new AbortController()
    const lastEventId = request.header('last-event-id') ?? request.query.after
    const asked = [...new Set(topics.values())]
    const stream = new EventStream(this.live, {
      topics,
      refused,
      signal: request.signal,
      ...(lastEventId !== undefined && { lastEventId }),
      stillAllowed: async () => {
        const actor = await this.#again(request)
        return sameScope(actor, request.actor) && this.topics.stillGranted(actor, asked)
      },
      cut: () => cut.abort(new Error('the client reads too slowly')),
    })
    // Proxies that buffer would hold events back.
    const headers = { 'X-Accel-Buffering': 'no' }
    return new Content('text/event-stream', this.#counted(stream, key), { live: true, headers, signal: cut.signal })
  }

  /** The actor as the credentials say now. */
  async #again({ actor, address, header }: KernelRequest): Promise<Actor> {
    if (actor.kind === 'cli') return actor
    const cookie = header('cookie')
    const authorization = header('authorization')
    return this.authenticator.identify({ address, ...(cookie && { cookie }), ...(authorization && { authorization }) })
  }

  /** A stream counts from its first event on: one that nobody comes to read, as after HEAD, takes no place. */
  async *#counted(stream: AsyncIterable<string>, key: string): AsyncGenerator<string> {
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1)
    try {
      for await (const text of stream) if (text) yield text
    } finally {
      const left = (this.#open.get(key) ?? 1) - 1
      if (left > 0) this.#open.set(key, left)
      else this.#open.delete(key)
    }
  }
}

/** Whether it is the same person with a right to the same resources; else the client asks for its topics again. */
function sameScope(actor: Actor, before: Actor): boolean {
  const accounts = new Set(actor.accounts)
  return (
    actor.id === before.id &&
    actor.admin === before.admin &&
    accounts.size === before.accounts.length &&
    before.accounts.every(account => accounts.has(account))
  )
}
