/** A route path such as `/sites/:id/log` as something to match real paths with; each parameter is decoded once. */
export class PathPattern {
  readonly #parts: readonly string[]

  constructor(readonly path: string) {
    this.#parts = path.split('/')
  }

  /** The parameters, or undefined when the path is another. */
  match(path: string): Readonly<Record<string, string>> | undefined {
    const parts = path.split('/')
    if (parts.length !== this.#parts.length) return undefined
    const params: Record<string, string> = {}
    for (const [index, expected] of this.#parts.entries()) {
      const part = parts[index] ?? ''
      if (expected.startsWith(':') && part !== '') {
        try {
          params[expected.slice(1)] = decodeURIComponent(part)
        } catch {
          return undefined
        }
      } else if (part !== expected) return undefined
    }
    return params
  }
}
