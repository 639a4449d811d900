import { type FieldProblem, invalidInput } from '@nusantara/sdk'
import { Refusal } from './refusals.js'

/** Collects what is wrong with an input, so that a person hears of everything at once. */
export class Fields {
  readonly #problems: FieldProblem[] = []

  /** Runs a parser for one field; a refusal is noted under `path` and answered with undefined. */
  parse<T>(path: string, parse: () => T): T | undefined {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#problems.push({ path, code: `sites.${error.reason}`, message: error.message, params: error.params })
      return undefined
    }
  }

  /** @throws invalid_input when anything was refused */
  check(): void {
    if (this.#problems.length) throw invalidInput(this.#problems)
  }
}
