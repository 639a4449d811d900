import type { ChangeResult } from '@nusantara/sdk'
import { AttemptStale, ChangeUnknown, ParamInvalid, Problem } from '../errors.js'
import type { Ledger } from './ledger.js'
import type { Draft } from './member.js'
import { type ChangeRecord, resultOf } from './records.js'

interface Running {
  readonly plugin: string
  readonly attempt: number
  readonly digest: string
  readonly outcome: Promise<ChangeResult>
}

/** One outcome for each (change, attempt), however often it is asked for and by whom. */
export class Attempts {
  readonly #running = new Map<string, Running>()

  constructor(private readonly ledger: Ledger) {}

  /** The attempt that is under way for a change of the plugin. */
  running(plugin: string, changeId: string): Pick<Running, 'attempt'> | undefined {
    const running = this.#running.get(changeId)
    return running?.plugin === plugin ? running : undefined
  }

  /**
   * @param make compiles the change; called only when the attempt is not stale
   * @param submit applies it; called only when no outcome is known
   * @throws attempt_stale, change_unknown when another plugin's change has the id, param_invalid when the id stands for
   *   another content, and the problem that a failed attempt is remembered with
   */
  async once(
    plugin: string,
    changeId: string,
    attempt: number,
    make: () => Draft,
    submit: (draft: Draft) => Promise<ChangeResult>,
  ): Promise<ChangeResult> {
    const known = this.ledger.changes.get(changeId)
    const running = this.#running.get(changeId)
    const owner = (known ?? running)?.plugin
    if (owner !== undefined && owner !== plugin) throw ChangeUnknown({ changeId })
    if (attempt < Math.max(known?.attempt ?? 0, running?.attempt ?? 0)) throw AttemptStale({ changeId, attempt })
    const draft = make()
    const { digest } = draft.compiled
    const recorded = running ?? (known && isOutcome(known, attempt, digest) ? known : undefined)
    if (recorded && recorded.digest !== digest)
      throw ParamInvalid({ param: 'changeId', reason: 'stands for a change with another content' })
    if (running) return running.outcome
    if (known && recorded) {
      if (known.problem) throw new Problem(known.problem.code, known.problem.status, known.problem.params)
      return resultOf(known)
    }
    const outcome = submit(draft)
    this.#running.set(changeId, { plugin, attempt, digest, outcome })
    try {
      return await outcome
    } finally {
      this.#running.delete(changeId)
    }
  }
}

/** Whether what is recorded answers the attempt; else it is made. */
function isOutcome({ state, recovered, problem, ...known }: ChangeRecord, attempt: number, digest: string): boolean {
  if (state === 'applied' || state === 'awaiting_confirmation') return true
  if (known.attempt !== attempt) return false
  return state === 'reverted' || (state === 'failed' && !recovered && known.digest === digest && problem !== undefined)
}
