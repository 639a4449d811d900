import { statSync } from 'node:fs'

/** Everything that an answer of the package manager stands on. */
const sources = [
  'var/lib/dpkg/status',
  'var/lib/dpkg/updates',
  'var/lib/apt/lists',
  'var/lib/apt/lists/partial',
  'etc/apt',
  'etc/apt/sources.list',
  'etc/apt/sources.list.d',
  'etc/apt/preferences',
  'etc/apt/preferences.d',
  'etc/apt/apt.conf.d',
] as const
const most = 100

/**
 * Answers of the package manager for as long as nothing that they stand on has changed: where the distribution keeps no
 * cache of its lists, each costs a second of computing.
 */
export class Remembered {
  readonly #answers = new Map<string, Promise<unknown>>()
  #state = ''

  constructor(private readonly root: string) {}

  /** A failure is not remembered. */
  answer<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const state = sources.map(path => this.#changed(path)).join()
    if (state !== this.#state || this.#answers.size >= most) this.#answers.clear()
    this.#state = state
    const known = this.#answers.get(question) as Promise<T> | undefined
    if (known) return known
    const answer = ask()
    this.#answers.set(question, answer)
    answer.catch(() => this.#answers.get(question) === answer && this.#answers.delete(question))
    return answer
  }

  forget(): void {
    this.#answers.clear()
  }

  #changed(path: string): string {
    const stat = statSync(`${this.root}/${path}`, { throwIfNoEntry: false, bigint: true })
    return stat ? `${stat.mtimeNs}.${stat.ino}.${stat.size}` : '-'
  }
}
