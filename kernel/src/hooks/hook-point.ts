import { type HookKind, Problem, type Scope } from '@nusantara/sdk'
import { AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable'
import { HookTapAnsweredNothing, HookTapFailed } from './errors.js'

export type AnyTap = (scope: Scope, ...args: readonly unknown[]) => unknown

export interface Tap {
  readonly plugin: string
  readonly run: AnyTap
  /** Lower runs first; equal ones in the order they came. */
  readonly order: number
}

export type Blame = (error: Problem, tap: Tap) => void

/** What one tap answered, or why it did not. */
export interface Settled {
  readonly plugin: string
  readonly value?: unknown
  readonly problem?: Problem
}

interface Call {
  readonly scope: Scope
  readonly args: readonly unknown[]
  readonly answers: { readonly plugin: string; readonly value: unknown }[]
  /** Plugins of which a tap failed in this call. */
  readonly failed: Set<string>
}

/**
 * One hook and its taps. tapable cannot untap, so the taps stand in a list here and the tapable hook is built again,
 * on the next call, whenever they change.
 */
export class HookPoint {
  #taps: readonly Tap[] = []
  #series: AsyncSeriesHook<[Call]> | undefined
  #waterfall: AsyncSeriesWaterfallHook<[unknown, Call]> | undefined

  constructor(
    readonly name: string,
    readonly kind: HookKind,
    private readonly blame: Blame,
  ) {}

  get taps(): readonly Tap[] {
    return this.#taps
  }

  add(tap: Tap): () => void {
    this.#change([...this.#taps, tap].sort((a, b) => a.order - b.order))
    return () => this.#change(this.#taps.filter(other => other !== tap))
  }

  /** What the kind of the hook answers with: nothing, the transformed value, or the list of what was collected. */
  async call(scope: Scope, args: readonly unknown[]): Promise<unknown> {
    if (this.kind === 'transform') return this.#transform(scope, args)
    const { answers } = await this.collect(scope, args)
    return this.kind === 'collect' ? answers.map(answer => answer.value) : undefined
  }

  /** The answers with the plugins that gave them. */
  async collect(scope: Scope, args: readonly unknown[]): Promise<Pick<Call, 'answers' | 'failed'>> {
    const call: Call = { scope, args, answers: [], failed: new Set() }
    this.#series ??= this.#buildSeries()
    await this.#series.promise(call)
    return call
  }

  /**
   * Every tap at the same time and for itself: its answer, or why there is none. One that takes longer than `limitMs` has
   * none.
   */
  settle(scope: Scope, args: readonly unknown[], limitMs: number): Promise<readonly Settled[]> {
    return Promise.all(
      this.#taps.map(async tap => {
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs)
        })
        try {
          const value = await Promise.race([(async () => tap.run(scope, ...args))(), late])
          return { plugin: tap.plugin, value }
        } catch (error) {
          const problem = this.#problem(tap, error)
          this.blame(problem, tap)
          return { plugin: tap.plugin, problem }
        } finally {
          clearTimeout(timer)
        }
      }),
    )
  }

  async #transform(scope: Scope, args: readonly unknown[]): Promise<unknown> {
    this.#waterfall ??= this.#buildWaterfall()
    return this.#waterfall.promise(args[0], { scope, args, answers: [], failed: new Set() })
  }

  #change(taps: readonly Tap[]): void {
    this.#taps = taps
    this.#series = undefined
    this.#waterfall = undefined
  }

  #buildSeries(): AsyncSeriesHook<[Call]> {
    const hook = new AsyncSeriesHook<[Call]>(['call'], this.name)
    for (const tap of this.#taps) {
      hook.tapPromise(tap.plugin, async call => {
        try {
          const value = await tap.run(call.scope, ...call.args)
          if (value !== undefined) call.answers.push({ plugin: tap.plugin, value })
        } catch (error) {
          const problem = this.#problem(tap, error)
          this.blame(problem, tap)
          call.failed.add(tap.plugin)
          if (this.kind === 'guard') throw problem
        }
      })
    }
    return hook
  }

  #buildWaterfall(): AsyncSeriesWaterfallHook<[unknown, Call]> {
    const hook = new AsyncSeriesWaterfallHook<[unknown, Call]>(['value', 'call'], this.name)
    for (const tap of this.#taps) {
      hook.tapPromise(tap.plugin, async (value, call) => {
        try {
          const next = await tap.run(call.scope, value, ...call.args.slice(1))
          if (next === null || next === undefined) {
            throw HookTapAnsweredNothing({ plugin: tap.plugin, hook: this.name })
          }
          return next
        } catch (error) {
          const problem = this.#problem(tap, error)
          this.blame(problem, tap)
          throw problem
        }
      })
    }
    return hook
  }

  /** A Problem is a refusal that the tap chose; anything else is a defect of its plugin. */
  #problem(tap: Tap, error: unknown): Problem {
    if (error instanceof Problem) return error
    const reason = error instanceof Error ? error.message : String(error)
    return HookTapFailed({ plugin: tap.plugin, hook: this.name, reason }, { cause: error })
  }
}
