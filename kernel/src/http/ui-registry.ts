import { type Actor, holds, type PageContribution, type SlotContribution } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { type Asset, AssetDirectory } from './asset-directory.js'
import { RouteRejected } from './errors.js'

export interface ShellPage extends Omit<PageContribution, 'permission'> {
  readonly plugin: string
}

export interface ShellSlotEntry extends Omit<SlotContribution, 'permission'> {
  readonly plugin: string
}

/** What one reader's shell shows. */
export interface ShellContributions {
  readonly pages: readonly ShellPage[]
  readonly slots: Readonly<Record<string, readonly ShellSlotEntry[]>>
  /** Plugin → URL of its entry module; plugins that show this reader nothing are absent. */
  readonly bundles: Readonly<Record<string, string>>
}

interface Contributed<T> {
  readonly plugin: string
  readonly contribution: T
}

const entry = 'index.js'

/** Pages, slot contents and bundles of the enabled plugins. */
@scoped(Lifecycle.ContainerScoped)
export class UiRegistry {
  readonly #bundles = new Map<string, AssetDirectory>()
  readonly #pages = new Set<Contributed<PageContribution>>()
  readonly #slots = new Map<Contributed<SlotContribution>, string>()

  /**
   * Serves a plugin's built UI below `/ui/<plugin>/<hash>/`, its entry module being `index.js`.
   *
   * @returns takes it away again
   */
  addBundle(plugin: string, directory: string): () => void {
    const bundle = new AssetDirectory(directory)
    this.#bundles.set(plugin, bundle)
    return () => {
      if (this.#bundles.get(plugin) === bundle) this.#bundles.delete(plugin)
    }
  }

  /** @throws RouteRejected when another page has the path, or the element is not the plugin's */
  addPage(plugin: string, page: PageContribution): () => void {
    checkElement(plugin, page.element)
    const taken = [...this.#pages].find(({ contribution }) => contribution.path === page.path)
    if (taken)
      throw RouteRejected({ owner: plugin, operation: `page ${page.path}`, reason: `${taken.plugin} has this path` })
    const contributed = { plugin, contribution: page }
    this.#pages.add(contributed)
    return () => this.#pages.delete(contributed)
  }

  /** @throws RouteRejected when the element is not the plugin's */
  addSlot(plugin: string, slot: string, contribution: SlotContribution): () => void {
    checkElement(plugin, contribution.element)
    const contributed = { plugin, contribution }
    this.#slots.set(contributed, slot)
    return () => this.#slots.delete(contributed)
  }

  /** Filtered by the reader's permissions; nothing for who is not fully signed in. */
  contributions(actor: Actor): ShellContributions {
    const visible = ({ permission }: { readonly permission: string }) => may(actor, permission)
    const pages = [...this.#pages].filter(({ contribution }) => visible(contribution)).map(shown)
    const slots: Record<string, ShellSlotEntry[]> = {}
    for (const [contributed, slot] of this.#slots) {
      if (!visible(contributed.contribution)) continue
      slots[slot] ??= []
      slots[slot].push(shown(contributed))
    }
    for (const entries of Object.values(slots)) entries.sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    const plugins = new Set([...pages, ...Object.values(slots).flat()].map(({ plugin }) => plugin))
    const bundles = [...this.#bundles].filter(([plugin]) => plugins.has(plugin))
    return {
      pages,
      slots,
      bundles: Object.fromEntries(bundles.map(([plugin, { hash }]) => [plugin, `/ui/${plugin}/${hash}/${entry}`])),
    }
  }

  /** A file of a bundle, by its URL path below `/ui/`; undefined also for an older hash. */
  asset(path: string): Asset | undefined {
    const [plugin = '', hash = '', ...rest] = path.split('/')
    const bundle = this.#bundles.get(plugin)
    return bundle?.hash === hash ? bundle.find(rest.join('/')) : undefined
  }
}

function shown<T extends { readonly permission: string }>({
  plugin,
  contribution,
}: Contributed<T>): Omit<T, 'permission'> & { plugin: string } {
  const { permission: _permission, ...rest } = contribution
  return { ...rest, plugin }
}

function may(actor: Actor, permission: string): boolean {
  return actor.assurance === 'full' && (permission === 'authenticated' || holds(actor, permission))
}

function checkElement(plugin: string, element: string): void {
  if (element === `nusa-${plugin}` || element.startsWith(`nusa-${plugin}-`)) return
  throw RouteRejected({
    owner: plugin,
    operation: `element ${element}`,
    reason: `elements are named nusa-${plugin}[-…]`,
  })
}
