import { type Actor, type Extension, holds, type PageContribution, type SlotContribution } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { reservedIds } from '../plugins/manifest.js'
import { type Asset, AssetDirectory } from './asset-directory.js'
import { RouteRejected } from './errors.js'

export interface ShellPage extends Omit<PageContribution, 'permission'> {
  readonly plugin: string
}

export interface ShellSlotEntry extends Omit<SlotContribution, 'permission'> {
  readonly plugin: string
}

/** What a plugin adds to another's form. */
export interface FormPart extends Pick<Extension, 'key' | 'title' | 'order'> {
  readonly element: string
  readonly permission: string
}

export interface ShellFormPart extends Omit<FormPart, 'permission'> {
  readonly plugin: string
}

/** What one reader's shell shows. */
export interface ShellContributions {
  readonly pages: readonly ShellPage[]
  readonly slots: Readonly<Record<string, readonly ShellSlotEntry[]>>
  /** Extension token's name → what its form shows. */
  readonly extensions: Readonly<Record<string, readonly ShellFormPart[]>>
  /** Plugin → URL of its entry module; plugins that show this reader nothing, or were not built, are absent. */
  readonly bundles: Readonly<Record<string, string>>
}

interface Contributed<T> {
  readonly plugin: string
  readonly contribution: T
}

type Shown<T> = Omit<T, 'permission'> & { readonly plugin: string }

const entry = 'index.js'

/** Pages, slot contents, form parts and bundles of the enabled plugins. */
@scoped(Lifecycle.ContainerScoped)
export class UiRegistry {
  readonly #bundles = new Map<string, AssetDirectory>()
  readonly #pages = new Set<Contributed<PageContribution>>()
  readonly #slots = new Map<Contributed<SlotContribution>, string>()
  readonly #formParts = new Map<Contributed<FormPart>, string>()

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

  /** @throws RouteRejected when the panel or another page has the path, or the element is not the plugin's */
  addPage(plugin: string, page: PageContribution): () => void {
    checkElement(plugin, page.element)
    checkPath(plugin, page.path)
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

  /**
   * @param extension name of the token that is extended
   * @throws RouteRejected when the element is not the plugin's, or nobody is named who may see it
   */
  addFormPart(plugin: string, extension: string, part: Extension & { readonly element: string }): () => void {
    const { key, element, permission, title, order } = part
    checkElement(plugin, element)
    if (!permission)
      throw RouteRejected({ owner: plugin, operation: `element ${element}`, reason: 'it names no permission' })
    const contribution = { key, element, permission, ...(title && { title }), ...(order !== undefined && { order }) }
    const contributed = { plugin, contribution }
    this.#formParts.set(contributed, extension)
    return () => this.#formParts.delete(contributed)
  }

  /** All of them, whoever may see them. */
  get formParts(): readonly (FormPart & { readonly plugin: string })[] {
    return [...this.#formParts.keys()].map(({ plugin, contribution }) => ({ ...contribution, plugin }))
  }

  /** Filtered by the reader's permissions; nothing for who is not fully signed in. */
  contributions(actor: Actor): ShellContributions {
    const pages = [...this.#pages].filter(({ contribution }) => may(actor, contribution.permission)).map(shown)
    const slots = byPlace(this.#slots, actor)
    const extensions = byPlace(this.#formParts, actor)
    const inPlaces = [...Object.values(slots), ...Object.values(extensions)].flat()
    const plugins = new Set([...pages, ...inPlaces].map(({ plugin }) => plugin))
    const bundles = [...this.#bundles].filter(([plugin, bundle]) => plugins.has(plugin) && bundle.find(entry))
    return {
      pages,
      slots,
      extensions,
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

/** What the reader may see, by the name of its place, in order. */
function byPlace<T extends { readonly permission: string; readonly order?: number }>(
  places: ReadonlyMap<Contributed<T>, string>,
  actor: Actor,
): Record<string, Shown<T>[]> {
  const found: Record<string, Shown<T>[]> = {}
  const sorted = [...places].sort(([a], [b]) => (a.contribution.order ?? 0) - (b.contribution.order ?? 0))
  for (const [contributed, place] of sorted) {
    if (!may(actor, contributed.contribution.permission)) continue
    found[place] ??= []
    found[place].push(shown(contributed))
  }
  return found
}

function shown<T extends { readonly permission: string }>({ plugin, contribution }: Contributed<T>): Shown<T> {
  const { permission: _permission, ...rest } = contribution
  return { ...rest, plugin }
}

function may(actor: Actor, permission: string): boolean {
  return actor.assurance === 'full' && (permission === 'authenticated' || holds(actor, permission))
}

/** First parts of what the panel itself answers or shows. */
const own: ReadonlySet<string> = new Set([...reservedIds, 'assets', 'overview', 'people', 'sign-in', 'welcome'])

function checkPath(plugin: string, path: string): void {
  const reject = (reason: string) => RouteRejected({ owner: plugin, operation: `page ${path}`, reason })
  if (!/^(?:\/:?[\w.-]+)+$/.test(path)) throw reject('a path is /name, /name/:parameter and so on')
  if (own.has(path.split('/')[1] ?? '')) throw reject('the panel has this path')
}

function checkElement(plugin: string, element: string): void {
  if (element === `nusa-${plugin}` || element.startsWith(`nusa-${plugin}-`)) return
  throw RouteRejected({
    owner: plugin,
    operation: `element ${element}`,
    reason: `elements are named nusa-${plugin}[-…]`,
  })
}
