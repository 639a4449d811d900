import { api } from '@nusantara/sdk/ui'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Component, ComponentCost, ComponentDetails } from '../api.js'

/**
 * What the installation of each component would cost. Asked for one after the other and once, because each is a
 * simulation by the package manager; what cannot be told is left out, and said when somebody wants to install it.
 */
export class ComponentCosts implements ReactiveController {
  readonly #costs = new Map<string, ComponentCost | null>()
  #asking = false
  #connected = false

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this)
  }

  hostConnected(): void {
    this.#connected = true
  }

  hostDisconnected(): void {
    this.#connected = false
  }

  /** Absent while it is asked for, null when it cannot be told. */
  of({ id }: Component): ComponentCost | null | undefined {
    return this.#costs.get(id)
  }

  /** After an installation others cost less. */
  forget(): void {
    this.#costs.clear()
  }

  async ask(components: readonly Component[]): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    try {
      for (const { id, state } of components) {
        if (!this.#connected) return
        if (state !== 'available' || this.#costs.has(id)) continue
        this.#costs.set(id, await costOf(id))
        this.host.requestUpdate()
      }
    } finally {
      this.#asking = false
    }
  }
}

async function costOf(id: string): Promise<ComponentCost | null> {
  try {
    return (await api.get<ComponentDetails>(`/stack/components/${id}`)).cost ?? null
  } catch (error) {
    console.warn(`what ${id} costs is not known`, error)
    return null
  }
}
