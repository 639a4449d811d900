import type { Server } from './server.js'

/** Asks the same pages again and again, one after the other, as visitors who come while something else goes on. */
export class Prober {
  #asked = 0
  readonly #failed: string[] = []
  #ends = false
  readonly #running: Promise<void>

  constructor(server: Server, urls: readonly string[]) {
    this.#running = this.#run(server, urls)
  }

  /** Ends it. @returns how many requests there were, and what was wrong with those that failed */
  async end(): Promise<{ readonly asked: number; readonly failed: readonly string[] }> {
    this.#ends = true
    await this.#running
    return { asked: this.#asked, failed: this.#failed }
  }

  async #run(server: Server, urls: readonly string[]): Promise<void> {
    while (!this.#ends) {
      for (const url of urls) {
        this.#asked++
        try {
          const { status } = await server.fetch(url)
          if (status !== 200) this.#failed.push(`${url}: ${status}`)
        } catch (error) {
          this.#failed.push(`${url}: ${(error as Error).message}`)
        }
      }
    }
  }
}
