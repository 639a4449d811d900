import type { Message } from './messages.js'

/** Where a plan would write, run and reload. */
export interface Plan {
  readonly hash: string
  readonly steps: readonly { readonly name: string; readonly summary: Message | string }[]
  readonly files: readonly PlanFile[]
  readonly operations: readonly { readonly operation: string; readonly params?: unknown; readonly risk?: string }[]
  readonly packages: readonly { readonly name: string; readonly version?: string; readonly action: string }[]
  readonly services: readonly { readonly service: string; readonly verb: string }[]
  /** Part of the outcome is known only after apply and is not hashed. */
  readonly late?: boolean
}

export interface PlanFile {
  readonly path: string
  readonly action: string
  readonly diff: string
  readonly drift?: { readonly diff: string }
}

export interface JobRef {
  readonly id: string
  readonly href: string
}

/** The answer to a change that was accepted. */
export interface Accepted {
  readonly job: JobRef
  readonly [extra: string]: unknown
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
  readonly total?: number
}

export interface PageEntry {
  readonly plugin: string
  /** `/sites`, `/sites/:id`. */
  readonly path: string
  readonly element: string
  readonly nav?: {
    readonly title: Message
    readonly icon: string
    readonly order?: number
    readonly shortcut?: string
  }
  readonly command?: { readonly title: Message; readonly icon: string }
}

export interface SlotEntry {
  readonly plugin: string
  readonly element: string
  readonly title?: Message
  readonly order?: number
}

/** What a plugin adds to another's form, below `extensions.<key>` of its body. */
export interface ExtensionEntry extends SlotEntry {
  readonly key: string
}

/** `GET /api/v1/shell`: what this reader may see, and where its modules are. */
export interface ShellInfo {
  readonly version: string
  readonly profile: string
  readonly locales: readonly string[]
  readonly pages: readonly PageEntry[]
  readonly slots: Readonly<Record<string, readonly SlotEntry[]>>
  readonly extensions: Readonly<Record<string, readonly ExtensionEntry[]>>
  readonly bundles: Readonly<Record<string, string>>
  /** How the reader likes the panel. */
  readonly preferences: Readonly<Record<string, Preference>>
  /** Notifications that the reader has not read, when it was asked. */
  readonly unread?: number
}

export type Preference = string | number | boolean | readonly string[]
