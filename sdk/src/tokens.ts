import type { Scope } from './actor.js'
import type { JobStep, Message } from './jobs.js'
import type { Schema } from './schema.js'

/**
 * - `guard`: throwing vetoes; any failure refuses (fails closed).
 * - `transform`: each tap gets the last one's value and returns the next; null and undefined are refused.
 * - `collect`: results as a list; a failing tap is dropped and blamed.
 * - `observe`: told, in order; failures are blamed, never passed on.
 */
export type HookKind = 'guard' | 'transform' | 'collect' | 'observe'

export interface HookToken<A extends readonly unknown[], R> {
  readonly token: 'hook'
  readonly name: string
  readonly kind: HookKind
  readonly __types?: (...args: A) => R
}

export type HookTap<A extends readonly unknown[], R> = (scope: Scope, ...args: A) => R | Promise<R>

/** A `collect` hook: calling it answers with a list. */
export interface CollectHookToken<A extends readonly unknown[], R> extends HookToken<A, R> {
  readonly kind: 'collect'
  /** What it collects is kept per resource and rendered on while its plugin is off, see `ctx.hooks.contributions`. */
  readonly sticky: boolean
}

/** What one plugin adds to something of the hook's owner. `frozen`: its plugin is off, this is what it last added. */
export interface Contribution<R> {
  readonly plugin: string
  readonly value: R
  readonly frozen: boolean
}

/**
 * @typeParam A arguments after the scope; for `transform` the first is the value passed on
 * @param name `<owner>.<what>`
 * @param options `sticky`: values are JSON and outlive their plugin's running; only for `collect`
 */
export function defineHook<A extends readonly unknown[], R = void>(
  name: string,
  kind: 'collect',
  options?: { readonly sticky?: boolean },
): CollectHookToken<A, R>
export function defineHook<A extends readonly unknown[], R = void>(name: string, kind: HookKind): HookToken<A, R>
export function defineHook(name: string, kind: HookKind, options: { readonly sticky?: boolean } = {}) {
  if (options.sticky && kind !== 'collect')
    throw new TypeError(`Hook ${name} cannot be sticky: only collect hooks are.`)
  return Object.freeze({ token: 'hook', name, kind, sticky: options.sticky ?? false })
}

export interface EventToken<T> {
  readonly token: 'event'
  readonly name: string
  readonly __payload?: T
}

/** Payloads are JSON. Delivered at least once, in order, to each plugin, also after it was disabled for a while. */
export function defineEvent<T>(name: string): EventToken<T> {
  return Object.freeze({ token: 'event', name })
}

export interface ServiceToken<T> {
  readonly token: 'service'
  readonly name: string
  readonly __service?: T
}

/** Methods are asynchronous and their values structured-cloneable. */
export function defineService<T>(name: string): ServiceToken<T> {
  return Object.freeze({ token: 'service', name })
}

export interface SlotToken {
  readonly token: 'slot'
  readonly name: string
}

export function defineSlot(name: string): SlotToken {
  return Object.freeze({ token: 'slot', name })
}

export interface ExtensionToken<T> {
  readonly token: 'extension'
  readonly name: string
  readonly __host?: T
}

/** @typeParam T what the owner's job gives to extending steps as input beside their own */
export function defineExtension<T>(name: string): ExtensionToken<T> {
  return Object.freeze({ token: 'extension', name })
}

/** What a plugin adds to another's form, input and job. */
export interface Extension<I = unknown> {
  /** Key in `input.extensions`. */
  readonly key: string
  readonly schema: Schema<I>
  /** Custom element shown in the owner's form, `nusa-<plugin>[-…]`. Its fields are named `extensions.<key>.<path>`. */
  readonly element?: string
  /** Whom the form shows the element, and who may send the key; required with `element`. */
  readonly permission?: string
  /** Heading of its part of the form. */
  readonly title?: Message
  /** Place among the parts of others; default 0. */
  readonly order?: number
  readonly steps: readonly JobStep[]
}
