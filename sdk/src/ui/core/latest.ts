/**
 * Tells answers that still count from those that a later request has overtaken: what is asked for again whenever something
 * happens may be answered in another order.
 *
 * ```ts
 * const current = this.#latest.begin()
 * const answer = await api.get(…)
 * if (current()) this.answer = answer
 * ```
 */
export class Latest {
  #begun = 0

  /** @returns whether no later request has begun since */
  begin(): () => boolean {
    const own = ++this.#begun
    return () => own === this.#begun
  }
}
