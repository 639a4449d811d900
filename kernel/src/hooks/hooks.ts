import type { CollectHookToken, HookTap, HookToken, Problem, Scope } from '@nusantara/sdk'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { HookKindDiffers } from './errors.js'
import { type AnyTap, HookPoint, type Settled, type Tap } from './hook-point.js'

export interface TapOptions {
  readonly order?: number
}

export interface HookAnswer<R> {
  readonly plugin: string
  readonly value: R
}

/** Sees every tap of one hook, those that are there and those to come; answers what to do when that tap goes. */
export type TapWatcher = (tap: Tap) => () => void

/**
 * Every hook of this panel by name: the kernel's own and those of plugins. A tap may come before its hook's owner, or
 * without it; it lies dormant until the owner calls.
 */
@scoped(Lifecycle.ContainerScoped)
export class Hooks {
  readonly #points = new Map<string, HookPoint>()
  readonly #watchers = new Map<string, TapWatcher>()

  constructor(@inject(LOGGER) private readonly log: Logger) {}

  /** @returns what takes the tap out again */
  tap<A extends readonly unknown[], R>(
    hook: HookToken<A, R>,
    plugin: string,
    run: HookTap<A, R>,
    options: TapOptions = {},
  ): () => void {
    const tap: Tap = { plugin, run: run as unknown as AnyTap, order: options.order ?? 0 }
    const point = this.#point(hook)
    const unwatch = this.#watched(point, tap)
    const remove = point.add(tap)
    let gone = false
    return () => {
      if (gone) return
      gone = true
      remove()
      unwatch?.()
      if (point.taps.length === 0) this.#points.delete(hook.name)
    }
  }

  call<A extends readonly unknown[], R>(hook: CollectHookToken<A, R>, scope: Scope, ...args: A): Promise<readonly R[]>
  call<A extends readonly unknown[], R>(hook: HookToken<A, R>, scope: Scope, ...args: A): Promise<R>
  async call(hook: HookToken<readonly unknown[], unknown>, scope: Scope, ...args: unknown[]): Promise<unknown> {
    return this.#point(hook).call(scope, args)
  }

  /** Calls a `collect` hook and says who answered what, and whose taps all ran without failing. */
  async collectAnswered<A extends readonly unknown[], R>(
    hook: CollectHookToken<A, R>,
    scope: Scope,
    ...args: A
  ): Promise<{ readonly answers: readonly HookAnswer<R>[]; readonly answered: ReadonlySet<string> }> {
    const point = this.#point(hook)
    const { answers, failed } = await point.collect(scope, args)
    const answered = new Set(point.taps.map(tap => tap.plugin).filter(plugin => !failed.has(plugin)))
    return { answers: (answers as HookAnswer<R>[]).filter(({ plugin }) => !failed.has(plugin)), answered }
  }

  /** Calls a `collect` hook so that no tap can keep another from answering; those that fail are blamed and named. */
  settle<A extends readonly unknown[], R>(
    hook: CollectHookToken<A, R>,
    scope: Scope,
    limitMs: number,
    ...args: A
  ): Promise<readonly Settled[]> {
    return this.#point(hook).settle(scope, args, limitMs)
  }

  /** One watcher a hook: the kernel's part that the hook feeds. It may refuse a tap by throwing. */
  watch<A extends readonly unknown[], R>(hook: HookToken<A, R>, watcher: TapWatcher): void {
    this.#watchers.set(hook.name, watcher)
  }

  /** The taps of one hook, in their order. */
  taps(hook: { readonly name: string }): readonly Tap[] {
    return this.#points.get(hook.name)?.taps ?? []
  }

  /** Every tap by hook, for `nusa doctor` and for tests that count. */
  list(): readonly { readonly hook: string; readonly plugin: string }[] {
    return [...this.#points.values()].flatMap(point =>
      point.taps.map(tap => ({ hook: point.name, plugin: tap.plugin })),
    )
  }

  /** A tap that its watcher refuses leaves nothing behind. */
  #watched(point: HookPoint, tap: Tap): (() => void) | undefined {
    try {
      return this.#watchers.get(point.name)?.(tap)
    } catch (error) {
      if (point.taps.length === 0) this.#points.delete(point.name)
      throw error
    }
  }

  #point<A extends readonly unknown[], R>(hook: HookToken<A, R>): HookPoint {
    let point = this.#points.get(hook.name)
    if (!point) {
      point = new HookPoint(hook.name, hook.kind, (problem, tap) => this.#blame(problem, tap, hook.name))
      this.#points.set(hook.name, point)
    }
    if (point.kind !== hook.kind) {
      throw HookKindDiffers({ hook: hook.name, declared: point.kind, used: hook.kind })
    }
    return point
  }

  #blame(problem: Problem, tap: Tap, hook: string): void {
    this.log.warn(
      { plugin: tap.plugin, hook, code: problem.code, err: problem.cause ?? problem },
      `plugin ${tap.plugin} failed in hook ${hook}; disable it with \`nusa plugin disable ${tap.plugin}\` if this goes on`,
    )
  }
}
