import type { Page } from 'playwright-core'

/**
 * Everything a page did that it should not: errors on its console, exceptions that nobody caught, violations of its content
 * security policy, dialogs, failed requests. An answer that refuses (4xx) is a fault, too, unless the journey expects it.
 */
export class Faults {
  readonly #found: string[] = []
  readonly #expected: RegExp[] = []
  readonly #allowed: RegExp[] = []

  async watch(page: Page): Promise<void> {
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', event => {
        console.error(`CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`)
      })
    })
    page.on('console', message => {
      // The browser's own line about a refused request; `response` below says which it was.
      if (/^Failed to load resource: the server responded/.test(message.text())) return
      if (['error', 'warning', 'assert'].includes(message.type()))
        this.#found.push(`${message.type()}: ${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', error => this.#found.push(`uncaught: ${error.stack ?? error.message}`))
    page.on('dialog', dialog => {
      // The browser's own question before what was typed is left behind; the journey goes on.
      if (dialog.type() === 'beforeunload') return void dialog.accept()
      this.#found.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('crash', () => this.#found.push('the page crashed'))
    page.on('response', response => {
      if (response.status() < 400) return
      const { pathname } = new URL(response.url())
      this.#found.push(`${response.status()} ${response.request().method()} ${pathname}`)
    })
  }

  /** The journey provokes this: `401 POST /api/v1/auth/login`. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns)
  }

  /** Right whether it happens or not: two things race, and each may be first. */
  allow(...patterns: RegExp[]): void {
    this.#allowed.push(...patterns)
  }

  /** What was found and neither expected nor allowed; expected ones must have come. */
  check(): void {
    const known = [...this.#expected, ...this.#allowed]
    const left = this.#found.filter(fault => !known.some(pattern => pattern.test(fault)))
    if (left.length) throw new Error(`The page did what it should not:\n${[...new Set(left)].join('\n')}`)
    for (const pattern of this.#expected)
      if (!this.#found.some(fault => pattern.test(fault))) throw new Error(`${pattern} was expected and did not happen`)
  }
}
