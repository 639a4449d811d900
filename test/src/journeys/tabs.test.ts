import { createTestPanel, until } from '@nusantara/kernel/testing'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { Relay } from './relay.js'
import { Visitor } from './visitor.js'
import { sharedBrowser } from './world.js'

interface Live {
  readonly listeners: number
  publish(topic: string, data: unknown): void
}

const { Live }: { Live: new () => Live } = await import(
  new URL('../../../kernel/dist/http/live.js', import.meta.url).href
)

declare global {
  interface Window {
    heard?: unknown[]
  }
}

describe('journey: several tabs of one browser', function () {
  this.timeout(60_000)
  let panel: TestPanel
  let relay: Relay
  let visitor: Visitor
  let tabs: Page[]
  let published = 0

  before(async () => {
    panel = await createTestPanel({ broker: false })
    relay = await Relay.start(() => panel.port)
    visitor = await Visitor.arrive(await sharedBrowser(), relay.url)
    // The browser's own lines about a line that is cut.
    visitor.faults.expect(/net::ERR_/)
    const { username, password } = panel.people.admin
    await visitor.api.signIn(username, password)
  })
  after(async () => {
    await relay?.cut()
    await panel?.stop()
  })

  const live = () => panel.resolve(Live)
  const publish = () => live().publish('notifications', { n: ++published })
  const heardBy = (tab: Page): Promise<unknown[]> => tab.evaluate(() => window.heard ?? [])
  const offline = (tab: Page) => tab.getByText('The connection to the panel is interrupted')

  async function openTab(): Promise<Page> {
    const tab = await visitor.context.newPage()
    await visitor.faults.watch(tab)
    await tab.goto(new URL('/account', relay.url).href)
    await tab.getByRole('heading', { name: 'Your account', level: 1 }).waitFor()
    await tab.evaluate(async () => {
      const kit = (await import('@nusantara/sdk/ui' as string)) as {
        listen(topic: string, listener: (data: unknown) => void): void
      }
      window.heard = []
      kit.listen('notifications', data => window.heard?.push((data as { n?: number }).n ?? data))
    })
    return tab
  }

  /** Every tab has heard exactly this, in this order. */
  async function allHeard(...numbers: unknown[]): Promise<void> {
    for (const tab of tabs) {
      await until(async () => (await heardBy(tab)).length >= numbers.length, 15_000)
      expect(await heardBy(tab)).to.deep.equal(numbers)
    }
  }

  it('share one event stream, whatever each listens to', async () => {
    tabs = [await openTab(), await openTab(), await openTab()]
    await until(() => live().listeners === 1)
    publish()
    await allHeard(1)
    expect(live().listeners).to.equal(1)
  })

  it('lose nothing when the leading one is closed: the next goes on after the last event', async () => {
    await tabs.shift()?.close()
    publish()
    publish()
    await allHeard(1, 2, 3)
    // A page that closes may still pass on what it hears; the next one has connected soon.
    await until(() => live().listeners === 1, 15_000)
  })

  it('lose nothing when the leading one crashes', async () => {
    const [leading] = tabs.splice(0, 1)
    tabs.push(await openTab())
    const late = tabs.at(-1) as Page
    await late.evaluate(() => {
      window.heard = [1, 2, 3]
    })
    visitor.faults.expect(/the page crashed/)
    const debugging = await visitor.context.newCDPSession(leading as Page)
    // No answer comes from a page that is gone.
    void debugging.send('Page.crash').catch(() => undefined)
    await new Promise(resolve => (leading as Page).once('crash', resolve))
    await (leading as Page).close()
    publish()
    await allHeard(1, 2, 3, 4)
    await until(() => live().listeners === 1)
  })

  it('say when the line is cut, and hear what happened meanwhile when it is back', async () => {
    await relay.cut()
    for (const tab of tabs) await offline(tab).waitFor()
    publish()
    // It is told for a few seconds only.
    const told = Promise.all(tabs.map(tab => tab.getByText('The panel answers again.').waitFor({ timeout: 20_000 })))
    await relay.mend()
    await told
    for (const tab of tabs) await offline(tab).waitFor({ state: 'detached' })
    await allHeard(1, 2, 3, 4, 5)
  })

  it('are told to ask again after a restart, which forgets what happened before', async () => {
    await relay.cut()
    await panel.restart()
    await relay.mend()
    await until(() => live().listeners === 1, 20_000)
    await allHeard(1, 2, 3, 4, 5, { kind: 'missed' })
    publish()
    await allHeard(1, 2, 3, 4, 5, { kind: 'missed' }, 6)
  })

  async function signInWith(tab: Page): Promise<void> {
    for (const each of tabs) await each.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
    await until(() => live().listeners === 0)
    await tab.bringToFront()
    await tab.getByRole('textbox', { name: 'User name' }).fill(panel.people.admin.username)
    await tab.getByLabel('Password', { exact: true }).fill(panel.people.admin.password)
    await tab.getByRole('button', { name: 'Sign in' }).click()
    for (const each of tabs) await each.getByRole('button', { name: 'Account menu' }).waitFor()
    await until(() => live().listeners === 1)
  }

  it('show the sign-in by themselves when the session is ended elsewhere, and the app when one signs in', async () => {
    visitor.faults.expect(/^401 GET/)
    const { items } = (await panel.as('admin').get<{ items: { id: string; current: boolean }[] }>('/auth/sessions'))
      .body
    for (const { id, current } of items) if (!current) await panel.as('admin').delete(`/auth/sessions/${id}`)
    // The stream is asked whether it may go on when there is something to send.
    await until(() => {
      publish()
      return live().listeners === 0
    })
    await signInWith(tabs[1] as Page)
    for (const tab of tabs) await tab.getByRole('heading', { name: 'Your account', level: 1 }).waitFor()
  })

  it('do so together when one signs out', async () => {
    const [one] = tabs as [Page, Page]
    await one.bringToFront()
    await one.getByRole('button', { name: 'Account menu' }).click()
    await one.locator('[role^="menuitem"]', { hasText: 'Sign out' }).click()
    await signInWith(one)
  })

  it('ask for a reload when a panel of another version answers, and keep what is shown until then', async () => {
    const [one, two] = tabs as [Page, Page]
    await one.route('**/api/v1/shell', async route => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), version: '9.9.9' } })
    })
    await relay.cut()
    for (const tab of tabs) await offline(tab).waitFor()
    await relay.mend()
    await one.getByText('The panel was updated').waitFor()
    await one.getByText(/It runs version 9\.9\.9 now/).waitFor()
    await one.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    await offline(two).waitFor({ state: 'detached' })
    expect(await two.getByText('The panel was updated').count()).to.equal(0)
    await one.getByRole('button', { name: 'Reload' }).click()
    await one.getByText('The panel was updated').waitFor({ state: 'detached' })
    await one.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    await one.unroute('**/api/v1/shell')
  })

  it('met no other error', () => visitor.leave())
})
