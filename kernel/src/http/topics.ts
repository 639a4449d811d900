import { type Actor, holds } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Resources } from '../rbac/resources.js'
import { type RegisteredStream, RouteRegistry } from './route-registry.js'

const topicForm = /^[a-z][a-z0-9._-]{0,63}(?::[\w.:@-]{1,128})?$/

export interface Grants {
  /** Topic as published → topic as asked for. */
  readonly topics: ReadonlyMap<string, string>
  readonly refused: readonly string[]
}

/** Decides topic by topic who may listen. An unknown topic is refused like a forbidden one. */
@scoped(Lifecycle.ContainerScoped)
export class Topics {
  constructor(
    private readonly registry: RouteRegistry,
    private readonly resources: Resources,
  ) {}

  async grant(actor: Actor, asked: readonly string[]): Promise<Grants> {
    const topics = new Map<string, string>()
    const refused: string[] = []
    for (const topic of new Set(asked)) {
      const stream = topicForm.test(topic) ? this.registry.stream(topic) : undefined
      if (!stream || !(await this.#may(actor, stream, topic))) {
        refused.push(topic)
        continue
      }
      topics.set(topic, topic)
      if (!topic.includes(':') && actor.userId) topics.set(`${topic}:${actor.userId}`, topic)
    }
    return { topics, refused }
  }

  /** Whether every topic granted before is still permitted; resources are not looked up again. */
  stillGranted(actor: Actor, topics: Iterable<string>): boolean {
    if (actor.assurance !== 'full') return false
    for (const topic of topics) {
      const stream = this.registry.stream(topic)
      if (!stream || !permitted(actor, stream.permission)) return false
    }
    return true
  }

  async #may(actor: Actor, stream: RegisteredStream, topic: string): Promise<boolean> {
    if (!permitted(actor, stream.permission)) return false
    const id = topic.slice(topic.indexOf(':') + 1)
    if (stream.resource && !(await this.resources.find(actor, stream.resource.type, id))) return false
    return (await stream.authorize?.(actor, topic)) ?? true
  }
}

function permitted(actor: Actor, permission: string): boolean {
  return permission === 'authenticated' || holds(actor, permission)
}
