import { IntlMessageFormat } from 'intl-messageformat'
import { firstLocale, localeKey, locales } from './first-locale.js'

export { locales } from './first-locale.js'

export type Catalogue = Readonly<Record<string, string>>
export type MessageValues = Readonly<Record<string, unknown>>

/** A text in whatever language its reader has: a key of its owner's catalogue and the values to fill in. */
export interface Message {
  readonly code: string
  readonly params?: MessageValues
}

/** `kernel`, `shell`, or a plugin's id. */
export type Owner = string
type Source = (locale: string) => Promise<Readonly<Record<Owner, Catalogue>>>

const sources: Source[] = []
const listeners = new Set<() => void>()
const warned = new Set<string>()
let catalogues: Record<Owner, Catalogue> = {}
let formats = new Map<string, IntlMessageFormat>()
let current = firstLocale()
let lastChange = 0
/** Texts have come once. Before, what has none shows nothing; those of a page may be there before those of the shell. */
let haveTexts = false

// Another tab of this browser chose.
addEventListener('storage', ({ key, newValue }) => {
  if (key === localeKey && newValue !== null && newValue in locales) void setLocale(newValue, { remember: false })
})

export function locale(): string {
  return current
}

/** Told after every change of language or catalogue. Answers with how to stop listening. */
export function onMessages(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Adds a place that catalogues come from; asked again at every change of language. */
export function addMessageSource(source: Source): void {
  sources.push(source)
}

/** Adds a place whose texts belong to what was loaded just now, and waits for them in the language shown. */
export async function joinMessages(source: Source): Promise<void> {
  sources.push(source)
  try {
    const language = current
    const added = await source(language)
    // Else the change of language meanwhile has asked for them, too.
    if (language !== current) return
    catalogues = { ...catalogues, ...added }
    for (const listener of listeners) listener()
  } catch (error) {
    sources.splice(sources.indexOf(source), 1)
    throw error
  }
}

/**
 * Loads the catalogues of a language and shows them, without reloading the page. A source that fails keeps the old
 * texts of its owners, so that an unreachable server does not leave a page of keys.
 */
export async function setLocale(next: string, { remember = true } = {}): Promise<void> {
  const mine = ++lastChange
  const loaded = await Promise.allSettled(sources.map(source => source(next)))
  // Somebody chose again meanwhile.
  if (mine !== lastChange) return
  current = next
  if (remember) localStorage.setItem(localeKey, next)
  document.documentElement.lang = next
  for (const result of loaded) if (result.status === 'fulfilled') catalogues = { ...catalogues, ...result.value }
  formats = new Map()
  haveTexts ||= Object.keys(catalogues).length > 0
  for (const listener of listeners) listener()
}

/** Loads the catalogues of the current language again: after a plugin was enabled, or at the start. */
export function reloadMessages(): Promise<void> {
  return setLocale(current, { remember: false })
}

function find(key: string, owner: Owner): { owner: Owner; pattern: string } | undefined {
  const guessed = key.split('.')[0] ?? ''
  for (const candidate of [owner, guessed, 'kernel', 'shell', ...Object.keys(catalogues)]) {
    const pattern = catalogues[candidate]?.[key]
    if (pattern !== undefined) return { owner: candidate, pattern }
  }
  return undefined
}

export function hasMessage(key: string, owner: Owner = 'shell'): boolean {
  return find(key, owner) !== undefined
}

function format(key: string, values: MessageValues | undefined, owner: Owner): string {
  const found = find(key, owner)
  if (!found) {
    if (haveTexts && !warned.has(key)) {
      warned.add(key)
      console.warn(`no message ${key} for ${owner} in ${current}`)
    }
    return haveTexts ? key : ''
  }
  const id = `${found.owner}\n${key}`
  try {
    let compiled = formats.get(id)
    if (!compiled) {
      compiled = new IntlMessageFormat(found.pattern, current, undefined, { ignoreTag: true })
      formats.set(id, compiled)
    }
    return String(compiled.format(values as Record<string, string>))
  } catch (error) {
    console.warn(`message ${key} of ${found.owner} cannot be formatted`, error)
    return found.pattern
  }
}

export type Translate = (key: string, values?: MessageValues) => string

/** The text function of one owner. Its keys come first; the kernel's and the shell's are found too. */
export function translator(owner: Owner): Translate {
  return (key, values) => format(key, values, owner)
}

/** Texts of the shell and the kit. */
export const t: Translate = translator('shell')

/** What the server sent as a message: already a text, or a code with parameters. */
export function say(message: Message | string | undefined, owner: Owner = 'kernel'): string {
  if (message === undefined) return ''
  return typeof message === 'string' ? message : format(message.code, message.params, owner)
}
