import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { Api } from './api.js'
import { Faults } from './faults.js'

/** How long a journey waits for a state to come, on a machine that does other work, too. Milliseconds. */
const patience = 20_000

export type Manners = BrowserContextOptions

/** One person with one browser window. Faults of their pages fail the journey when they leave. */
export class Visitor {
  readonly faults = new Faults()

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly api: Api,
    private readonly origin: string,
  ) {}

  static async arrive(browser: Browser, origin: string, manners: Manners = {}): Promise<Visitor> {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1280, height: 860 },
      locale: 'en-US',
      reducedMotion: 'reduce',
      ...manners,
    })
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    const visitor = new Visitor(context, page, new Api(origin, context.request), origin)
    await visitor.faults.watch(page)
    return visitor
  }

  async open(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.origin).href)
  }

  get path(): string {
    const { pathname, hash } = new URL(this.page.url())
    return pathname + hash
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name, level: 1, exact: typeof name === 'string' })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' })
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole('link', { name, exact: typeof name === 'string' })
  }

  field(label: string | RegExp): Locator {
    return this.page.getByRole('textbox', { name: label })
  }

  password(label: string): Locator {
    return this.page.getByLabel(label, { exact: true })
  }

  /** The open dialog, with what is slotted into it. */
  get dialog(): Locator {
    return this.page.locator('nusa-dialog[open]')
  }

  text(text: string | RegExp): Locator {
    return this.page.getByText(text)
  }

  /** Nothing is loading any more. */
  async settled(): Promise<void> {
    await this.page.locator('nusa-skeleton:visible').first().waitFor({ state: 'detached' })
  }

  /** Opens a menu of the top bar or a page and chooses from it. */
  async choose(menu: string | RegExp, item: string): Promise<void> {
    await this.button(menu).click()
    await this.page.locator('[role^="menuitem"]', { hasText: item }).click()
  }

  /** Ends the visit; throws what their pages did wrong. */
  async leave(): Promise<void> {
    await this.context.close()
    this.faults.check()
  }
}
