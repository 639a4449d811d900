import type { PageContribution, PanelContribution, SlotContribution } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { ElementNotOwn } from './errors.js'

export interface PagePanel extends PageContribution {
  readonly plugin: string
}

export interface SlotPanel extends SlotContribution {
  readonly plugin: string
  readonly slot: string
}

/** What the running plugins show in the shell. */
@scoped(Lifecycle.ContainerScoped)
export class Panels {
  readonly #pages = new Set<PagePanel>()
  readonly #slots = new Set<SlotPanel>()

  /** @throws ElementNotOwn */
  add(plugin: string, panel: PanelContribution): () => void {
    const { element } = 'page' in panel ? panel.page : panel.contribution
    if (element !== `nusa-${plugin}` && !element.startsWith(`nusa-${plugin}-`)) throw ElementNotOwn({ plugin, element })
    if ('page' in panel) {
      const page = { ...panel.page, plugin }
      this.#pages.add(page)
      return () => this.#pages.delete(page)
    }
    const filled = { ...panel.contribution, slot: panel.slot, plugin }
    this.#slots.add(filled)
    return () => this.#slots.delete(filled)
  }

  /** In the order of the navigation. */
  get pages(): readonly PagePanel[] {
    return [...this.#pages].sort((a, b) => (a.nav?.order ?? 100) - (b.nav?.order ?? 100) || compare(a.path, b.path))
  }

  /** By slot, in their order. */
  get slots(): readonly SlotPanel[] {
    return [...this.#slots].sort((a, b) => compare(a.slot, b.slot) || (a.order ?? 100) - (b.order ?? 100))
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
