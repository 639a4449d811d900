import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { IntlMessageFormat } from 'intl-messageformat'
import { Lifecycle, scoped } from 'tsyringe'
import { localesDirectory } from '../host/places.js'
import { CatalogueRejected } from './errors.js'
import { locales, preferredLocale } from './locale.js'

export type Messages = Readonly<Record<string, string>>

const require = createRequire(import.meta.url)

/** Texts that hold no argument, quote or tag need no parser; most do not, and the parser is the dearest module here. */
const hasSyntax = /[{}'#]/

/**
 * Every text a person reads, by owner, language and key, in ICU MessageFormat. Browser, server and command line share
 * them. The kernel's own are read from `kernel/locales/<area>.<language>.json`.
 */
@scoped(Lifecycle.ContainerScoped)
export class Catalogues {
  /** Owner → language → key → text. */
  readonly #owners = new Map<string, Map<string, Record<string, string>>>()
  readonly #formats = new Map<string, IntlMessageFormat>()
  #generation = 0

  constructor() {
    for (const file of readdirSync(localesDirectory).sort()) {
      const language = /\.([a-z]{2})\.json$/.exec(file)?.[1]
      if (language)
        this.add('kernel', language, JSON.parse(readFileSync(join(localesDirectory, file), 'utf8')) as Messages)
    }
  }

  /** Counts every change, so that what is derived from the texts can be kept until the next one. */
  get generation(): number {
    return this.#generation
  }

  /**
   * Adds texts of one owner; a key that the owner already has is replaced.
   *
   * @returns takes them away again
   * @throws CatalogueRejected when a value is not a text
   */
  add(owner: string, locale: string, messages: Messages): () => void {
    for (const [key, text] of Object.entries(messages)) {
      if (typeof text !== 'string') throw CatalogueRejected({ owner, locale, key })
    }
    const languages = this.#owners.get(owner) ?? new Map<string, Record<string, string>>()
    this.#owners.set(owner, languages)
    const present = languages.get(locale) ?? {}
    languages.set(locale, { ...present, ...messages })
    this.#changed()
    return () => {
      const remaining = Object.entries(languages.get(locale) ?? {}).filter(([key, text]) => messages[key] !== text)
      if (remaining.length > 0) languages.set(locale, Object.fromEntries(remaining))
      else languages.delete(locale)
      if (languages.size === 0 && this.#owners.get(owner) === languages) this.#owners.delete(owner)
      this.#changed()
    }
  }

  has(locale: string, key: string): boolean {
    return this.#find(locale, key) !== undefined
  }

  /**
   * The text in the language, else in English, else the key itself. A text whose arguments are missing is shown as it is
   * written: a bad catalogue must not hide the error it was to explain.
   */
  format(locale: string, key: string, params: Readonly<Record<string, unknown>> = {}): string {
    const language = preferredLocale(locale)
    const own = this.#find(language, key)
    const text = own ?? this.#find(locales[0], key)
    if (text === undefined) return key
    if (!hasSyntax.test(text)) return text
    try {
      return String(this.#parsed(own === undefined ? locales[0] : language, text).format(printableParams(params)))
    } catch {
      return text
    }
  }

  /** Owner → key → text, English filling what the language lacks. */
  all(locale: string): Readonly<Record<string, Messages>> {
    const language = preferredLocale(locale)
    const owners = [...this.#owners].map(([owner, languages]) => {
      return [owner, { ...languages.get(locales[0]), ...languages.get(language) }] as const
    })
    return Object.fromEntries(owners)
  }

  #find(locale: string, key: string): string | undefined {
    for (const languages of this.#owners.values()) {
      const messages = languages.get(locale)
      if (messages && Object.hasOwn(messages, key)) return messages[key]
    }
    return undefined
  }

  #parsed(locale: string, text: string): IntlMessageFormat {
    const cached = this.#formats.get(`${locale} ${text}`)
    if (cached) return cached
    const { IntlMessageFormat } = require('intl-messageformat') as typeof import('intl-messageformat')
    const parsed = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true })
    this.#formats.set(`${locale} ${text}`, parsed)
    return parsed
  }

  #changed(): void {
    this.#generation++
    this.#formats.clear()
  }
}

type Printable = string | number | boolean | Date | null | undefined

function printableParams(params: Readonly<Record<string, unknown>>): Record<string, Printable> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, printable(value)]))
}

function printable(value: unknown): Printable {
  if (Array.isArray(value)) return value.map(item => String(printable(item))).join(', ')
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return JSON.stringify(value)
  return value as Printable
}
