import { expect } from 'chai'
import { inspect } from './inspect.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

describe('journey: from page to page', function () {
  this.timeout(60_000)
  let world: World
  let visitor: Visitor

  before(async () => {
    world = await theWorld()
    // More jobs than a window shows at once.
    for (let n = 1; n <= 14; n++)
      await world.api.makeSite({
        domain: `way-${n}.example`,
        runtime: { type: 'redirect', target: 'https://way.example' },
      })
    visitor = await world.visitAs(world.admin)
    await visitor.open('/sites')
    await visitor.heading('Sites').waitFor()
  })

  const navigation = (name: string) =>
    visitor.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name, exact: true })
  const title = (name: string) =>
    visitor.page.waitForFunction(text => document.title === text, `${name} · Nusantara Panel`)
  const focused = () =>
    visitor.page.waitForFunction(() => {
      let element: Element | null = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      return element?.localName === 'h1'
    })
  const scrolled = () => visitor.page.evaluate(() => Math.round(scrollY))

  it('every page names the window and takes the focus to its heading', async () => {
    for (const name of ['Jobs', 'Hand edits', 'Plugins', 'Sites']) {
      await navigation(name).click()
      await visitor.heading(name).waitFor()
      await title(name)
      await focused()
      expect(await navigation(name).getAttribute('aria-current')).to.equal('page')
    }
    await visitor.choose('Account menu', 'Your account')
    await title('Your account')
    await focused()
  })

  it('back and forward lead where one was, as far down as one was', async () => {
    await visitor.page.setViewportSize({ width: 1280, height: 400 })
    await navigation('Jobs').click()
    await visitor.link('Create site way-14.example').waitFor()
    // Not over the navigation, which scrolls by itself in so low a window.
    await visitor.page.mouse.move(700, 300)
    await visitor.page.mouse.wheel(0, 500)
    await visitor.page.waitForFunction(() => (history.state as { scroll?: number } | null)?.scroll === 500)
    await visitor.link('Create site way-4.example').click()
    await visitor.heading('Create site way-4.example').waitFor()
    expect(await scrolled()).to.equal(0)
    await visitor.page.goBack()
    await title('Jobs')
    await visitor.page.waitForFunction(() => Math.round(scrollY) === 500)
    await visitor.page.goForward()
    await title('Create site way-4.example')
    await visitor.page.goBack()
    await visitor.page.waitForFunction(() => Math.round(scrollY) === 500)
    await visitor.page.reload()
    await visitor.page.waitForFunction(() => Math.round(scrollY) === 500)
    await visitor.page.setViewportSize({ width: 1280, height: 860 })
  })

  it('an address that leads nowhere says so, and shows a way out', async () => {
    await visitor.open('/no/such/page')
    await visitor.heading('Page not found').waitFor()
    await title('Page not found')
    await visitor.text('/no/such/page does not exist').waitFor()
    await inspect(visitor, 'page-missing')
    await visitor.link('To the start').click()
    await visitor.heading('Overview').waitFor()
    expect(visitor.path).to.equal('/overview')
  })

  it('nothing moves for readers who asked for less motion, and things do for others', async () => {
    const duration = async () => {
      await visitor.button('Show the latest jobs').click()
      await visitor.dialog.getByRole('button', { name: 'Close' }).waitFor()
      const seconds = await visitor.page
        .locator('nusa-jobs-drawer dialog')
        .evaluate(dialog => Number.parseFloat(getComputedStyle(dialog).animationDuration))
      await visitor.page.keyboard.press('Escape')
      return seconds
    }
    await visitor.page.emulateMedia({ reducedMotion: 'no-preference' })
    expect(await duration()).to.be.above(0.1)
    await visitor.page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await duration()).to.be.below(0.001)
  })

  it('a page that cannot be had says why, and is there once it can', async () => {
    visitor.faults.expect(/net::ERR_FAILED/)
    await visitor.page.route('**/api/v1/jobs?*', route => route.abort())
    await navigation('Jobs').click()
    await visitor.page.getByRole('alert').getByText('The panel does not answer.').waitFor()
    await inspect(visitor, 'unreachable')
    await visitor.page.unroute('**/api/v1/jobs?*')
    await visitor.button('Try again').click()
    await visitor.link('Create site way-14.example').waitFor()
  })

  it('met no other error', () => visitor.leave())
})

describe('journey: a session that ends between two pages', function () {
  this.timeout(60_000)

  it('leads over the sign-in to the page that was asked for, which then shows what it holds', async () => {
    const world = await theWorld()
    const { person, visitor } = await world.visitUntilSignedOut('ratna')

    visitor.faults.expect(/^401 GET \/api\/v1\//)
    await visitor.page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click()
    await visitor.heading('Sign in').waitFor()
    expect(visitor.path).to.equal('/jobs')
    await visitor.field('User name').fill(person.username)
    await visitor.password('Password').fill(person.password)
    await visitor.button('Sign in').click()
    await visitor.page.getByRole('heading', { name: 'No jobs yet' }).waitFor()
    await visitor.page.waitForFunction(() => document.title.startsWith('Jobs · '))
    await visitor.leave()
  })
})
