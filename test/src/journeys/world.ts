import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { Api } from './api.js'
import { launchBrowser } from './browser.js'
import { screenshots } from './inspect.js'
import { Panel } from './panel.js'
import { type Manners, Visitor } from './visitor.js'

export interface Person {
  readonly username: string
  readonly password: string
}

/** What all journeys share: one panel with a few sites, one browser, people by name. */
export class World {
  readonly admin: Person = { username: 'admin', password: 'correct horse battery staple' }
  #contexts: BrowserContext[] = []
  /** The administrator's own connection. */
  api!: Api

  private constructor(
    readonly panel: Panel,
    readonly browser: Browser,
  ) {}

  static async start(): Promise<World> {
    const [panel, browser] = await Promise.all([Panel.start(), sharedBrowser()])
    const world = new World(panel, browser)
    await world.#setUp()
    return world
  }

  async #setUp(): Promise<void> {
    this.api = await this.connect()
    const token = new URLSearchParams(new URL(this.panel.setupUrl).hash.slice(1)).get('token')
    await this.api.post('/setup', { token, ...this.admin, locale: 'en' })
    await this.api.signIn(this.admin.username, this.admin.password)
  }

  /** A connection without a page, for the rest of the journeys. */
  async connect(): Promise<Api> {
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true })
    this.#contexts.push(context)
    return new Api(this.panel.url, context.request)
  }

  /** Somebody with an account of their own and the built-in role `user`. */
  async makePerson(username: string): Promise<Person> {
    const person = { username, password: `${[...username].reverse().join('')} walks under paper umbrellas` }
    const account = await this.api.post<{ id: string }>('/accounts', { name: username })
    await this.api.post('/users', { ...person, roles: ['user'], accounts: [account.id] })
    return person
  }

  /** Opens a window for somebody who has yet to sign in. */
  visit(manners: Manners = {}): Promise<Visitor> {
    return Visitor.arrive(this.browser, this.panel.url, manners)
  }

  /**
   * Opens a window for somebody who signed in just now: who has not for ten minutes would be asked for the password before a
   * high-risk action, and all journeys together may take longer.
   */
  async visitAs(person: Person, manners: Manners = {}): Promise<Visitor> {
    const visitor = await this.visit(manners)
    await visitor.api.signIn(person.username, person.password)
    return visitor
  }

  /** A new person with the page of sites open, whose session somebody else has ended since. */
  async visitUntilSignedOut(username: string): Promise<{ readonly person: Person; readonly visitor: Visitor }> {
    const person = await this.makePerson(username)
    const [visitor, elsewhere] = await Promise.all([this.visitAs(person), this.visit()])
    await visitor.open('/sites')
    await visitor.page.getByRole('heading', { name: 'No sites yet' }).waitFor()
    await elsewhere.api.signIn(person.username, person.password)
    await elsewhere.api.delete('/auth/sessions')
    await elsewhere.leave()
    return { person, visitor }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#contexts.map(context => context.close()))
    await this.panel.stop()
  }
}

let browser: Promise<Browser> | undefined
let shared: Promise<World> | undefined

/** The one browser of all journeys. */
export function sharedBrowser(): Promise<Browser> {
  browser ??= launchBrowser()
  return browser
}

/** The one world of all journeys; made when the first one asks. */
export async function theWorld(): Promise<World> {
  shared ??= World.start()
  const world = await shared
  await world.api.prove(world.admin.password)
  return world
}

after('the journeys are over', async function () {
  this.timeout(30_000)
  try {
    await (await shared)?.stop()
  } finally {
    await (await browser)?.close()
  }
})

/** A journey is one walk: after a step that failed, the rest of it would only wait in vain. The other journeys go on. */
beforeEach('a journey ends where it failed', function () {
  let journey = this.currentTest?.parent
  while (journey?.parent && !journey.parent.root) journey = journey.parent
  let failed = false
  journey?.eachTest(({ state }) => {
    failed ||= state === 'failed'
  })
  if (failed) this.skip()
})

/** What a failed journey saw, beside the other screenshots. */
afterEach('keep what a failed journey saw', async function () {
  if (this.currentTest?.state !== 'failed' || !browser) return
  const pages = (await browser).contexts().flatMap(context => context.pages())
  const name = this.currentTest.title.replaceAll(/\W+/g, '-')
  for (const [index, page] of pages.entries())
    await page.screenshot({ path: join(screenshots, `failed-${name}-${index}.png`) })
})
