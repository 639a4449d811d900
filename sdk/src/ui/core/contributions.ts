import { api } from './api.js'
import { reloadMessages } from './messages.js'
import { toastProblem } from './toast.js'
import type { ExtensionEntry, Preference, ShellInfo, SlotEntry } from './wire.js'

const empty: ShellInfo = {
  version: '',
  profile: '',
  locales: [],
  pages: [],
  slots: {},
  extensions: {},
  bundles: {},
  preferences: {},
}
const listeners = new Set<() => void>()
let current = empty

export function shellInfo(): ShellInfo {
  return current
}

export function setShellInfo(next: ShellInfo): void {
  current = next
  for (const listener of listeners) listener()
}

/** Told when plugins come and go. */
export function onShellInfo(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** A list of words that the reader's shell remembers on the server; empty when there is none. */
export function preferredList(name: string): readonly string[] {
  const value = current.preferences[name]
  return Array.isArray(value) ? value : []
}

/** Shown at once and remembered on the server; a failure is a toast, and lasts as long as the page. */
export function prefer(name: string, value: Preference | null): void {
  const { [name]: _, ...others } = current.preferences
  setShellInfo({ ...current, preferences: value === null ? others : { ...others, [name]: value } })
  api.put(`/auth/preferences/${name}`, { value }).catch(toastProblem)
}

/** What plugins put into a slot, in order. */
export function slotEntries(slot: string): readonly SlotEntry[] {
  return current.slots[slot] ?? []
}

/** What plugins add to the form that an extension token stands for, in order. */
export function extensionEntries(extension: string): readonly ExtensionEntry[] {
  return current.extensions[extension] ?? []
}

/** How long a plugin's bundle may take before its page says that it does not come. Milliseconds. */
const patience = 15_000

/** Loads that failed, by address. A browser remembers a module that did not come, and never asks for it again. */
const failures = new Map<string, number>()

/**
 * Loads the module that defines a plugin's elements, once, when first needed; after a failure again, when asked again.
 *
 * @throws when the bundle is missing, throws, hangs, or does not define the element
 */
export async function loadElement(plugin: string, element: string): Promise<void> {
  if (customElements.get(element)) return
  const url = current.bundles[plugin]
  if (!url) throw new Error(`the plugin ${plugin} has no bundle`)
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error(`${url} did not load within ${patience / 1000} s`)), patience),
  )
  const failed = failures.get(url) ?? 0
  // To the browser a fragment makes another module of it; to the server it is the same file.
  const address = failed ? `${url}#${failed}` : url
  try {
    await Promise.race([import(/* @vite-ignore */ address), late])
    if (!customElements.get(element)) throw new Error(`${url} does not define <${element}>`)
  } catch (error) {
    // An earlier load that was given up may have come after all.
    if (customElements.get(element)) return
    failures.set(url, failed + 1)
    throw error
  }
}

/** After a plugin was enabled or disabled: its pages and its texts. */
export async function refreshContributions(load: () => Promise<ShellInfo>): Promise<void> {
  setShellInfo(await load())
  await reloadMessages()
}
