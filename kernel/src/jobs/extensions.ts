import type { Extension, ExtensionToken, PluginBroker } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'

export interface RegisteredExtension extends Extension {
  readonly plugin: string
  readonly broker?: PluginBroker
}

/** Who adds to whose form, input and job. */
@scoped(Lifecycle.ContainerScoped)
export class Extensions {
  readonly #byToken = new Map<string, RegisteredExtension[]>()
  readonly #listeners = new Set<() => void>()

  /**
   * Adds steps and input to the jobs that extend `token`.
   * @param options.broker the extending plugin's own broker, given to its steps
   */
  add(
    plugin: string,
    token: ExtensionToken<never>,
    extension: Extension,
    options: { readonly broker?: PluginBroker } = {},
  ): () => void {
    const entry: RegisteredExtension = { ...extension, plugin, broker: options.broker }
    const list = this.#byToken.get(token.name) ?? []
    this.#byToken.set(token.name, [...list, entry])
    for (const listener of this.#listeners) listener()
    return () => {
      const rest = (this.#byToken.get(token.name) ?? []).filter(other => other !== entry)
      if (rest.length) this.#byToken.set(token.name, rest)
      else this.#byToken.delete(token.name)
    }
  }

  /** In the order of their keys, so that plans do not depend on the order in which plugins started. */
  list(token: ExtensionToken<never>): readonly RegisteredExtension[] {
    return (this.#byToken.get(token.name) ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** Told when an extension appears: jobs may have waited for its steps. */
  onAdded(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
