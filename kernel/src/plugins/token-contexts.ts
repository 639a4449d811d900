import type { HookToken, PluginContext, Scope } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Events } from '../events/events.js'
import type { EventHandler } from '../events/subscription.js'
import { Contributions } from '../hooks/contributions.js'
import { Hooks } from '../hooks/hooks.js'
import { UiRegistry } from '../http/ui-registry.js'
import { Extensions } from '../jobs/extensions.js'
import { Services } from '../services/services.js'
import type { ContextOptions } from './context-factory.js'
import {
  CapabilityMissing,
  DependencyUndeclared,
  ExtensionKeyTaken,
  HookNotSticky,
  NotOwner,
  ServiceMissing,
} from './errors.js'

type Tokens = Pick<PluginContext, 'hooks' | 'services' | 'events' | 'extensions'>

/** The parts of a context that work with tokens: who may call, emit and provide is decided by the token's owner. */
@scoped(Lifecycle.ContainerScoped)
export class TokenContexts {
  constructor(
    private readonly hooks: Hooks,
    private readonly contributions: Contributions,
    private readonly services: Services,
    private readonly eventParts: Events,
    private readonly extensions: Extensions,
    private readonly ui: UiRegistry,
  ) {}

  create(options: ContextOptions): Tokens {
    return {
      hooks: options.lifetime.bound('hooks', this.#hooks(options)),
      services: options.lifetime.bound('services', this.#services(options)),
      events: this.#events(options),
      extensions: options.lifetime.bound('extensions', this.#extensions(options)),
    }
  }

  #hooks({ lifetime }: ContextOptions): Tokens['hooks'] {
    const { plugin } = lifetime
    const sticky = <H extends { readonly name: string; readonly sticky: boolean }>(hook: H): H => {
      own(plugin, hook)
      if (!hook.sticky) throw HookNotSticky({ plugin, hook: hook.name })
      return hook
    }
    return {
      tap: (hook, tap, tapOptions) => lifetime.own(this.hooks.tap(hook, plugin, tap, tapOptions)),
      call: ((hook: HookToken<unknown[], unknown>, scope: Scope, ...args: unknown[]) =>
        this.hooks.call(own(plugin, hook), scope, ...args)) as Tokens['hooks']['call'],
      contributions: (hook, scope, resource, ...args) =>
        this.contributions.collect(sticky(hook), scope, resource, ...args),
      keep: (trx, hook, resource, contributions) => this.contributions.keep(trx, sticky(hook), resource, contributions),
      kept: (hook, of) => this.contributions.kept(sticky(hook), of),
    }
  }

  #services({ lifetime, manifest }: ContextOptions): Tokens['services'] {
    const { plugin } = lifetime
    return {
      provide: (token, service) => lifetime.own(this.services.provide(plugin, own(plugin, token), service)),
      require: token => {
        const owner = ownerOf(token)
        if (owner !== plugin && !(owner in (manifest.dependencies ?? {}))) {
          throw DependencyUndeclared({ plugin, service: token.name, owner })
        }
        const service = this.services.find(token)
        if (service === undefined) throw ServiceMissing({ plugin, service: token.name })
        return service
      },
      when: (token, use) => lifetime.own(this.services.when(token, use)),
    }
  }

  #events({ lifetime, subscription }: ContextOptions): Tokens['events'] {
    const { plugin } = lifetime
    return {
      emit: (trx, event, payload) => this.eventParts.outbox.write(trx, own(plugin, event), payload),
      on: (event, handler) => subscription.on(event, handler as EventHandler),
    }
  }

  #extensions({ lifetime, broker, manifest }: ContextOptions): Tokens['extensions'] {
    const { plugin } = lifetime
    return {
      extend: (token, extension) => {
        const taken = this.extensions.list(token as never).find(other => other.key === extension.key)
        if (taken) throw ExtensionKeyTaken({ plugin, key: extension.key, extension: token.name, by: taken.plugin })
        const { element } = extension
        if (element !== undefined) {
          if (!manifest.capabilities.includes('ui'))
            throw CapabilityMissing({ plugin, capability: 'ui', use: 'extensions.extend with an element' })
          lifetime.own(this.ui.addFormPart(plugin, token.name, { ...extension, element }))
        }
        lifetime.own(this.extensions.add(plugin, token as never, extension, broker ? { broker } : {}))
      },
      list: token => this.extensions.list(own(plugin, token) as never),
    }
  }
}

/** A token's name begins with its owner: `sites.vhost` is of `sites`. */
function ownerOf(token: { readonly name: string }): string {
  return token.name.slice(0, token.name.indexOf('.'))
}

function own<T extends { readonly name: string }>(plugin: string, token: T): T {
  const owner = ownerOf(token)
  if (owner !== plugin) throw NotOwner({ plugin, token: token.name, owner })
  return token
}
