import { expect } from 'chai'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

/** Not controls: where the focus is put so that reading goes on there. */
const places = new Set(['', 'body', 'main', 'h1', 'h2'])

/** What has the focus, through all shadow roots. */
interface Focused {
  readonly tag: string
  readonly name: string
  /** Whether it can be seen that it has the focus. */
  readonly visible: boolean
}

describe('journey: without a mouse', function () {
  this.timeout(60_000)
  let world: World
  let visitor: Visitor

  before(async () => {
    world = await theWorld()
    await world.api.makeSite({ domain: 'keys.example', runtime: { type: 'static' } })
    visitor = await world.visit()
  })

  const focused = (): Promise<Focused> =>
    visitor.page.evaluate(() => {
      let element: Element | null = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      if (!element) return { tag: '', name: '', visible: false }
      const labels = [...((element as HTMLInputElement).labels ?? [])].map(label => label.textContent ?? '')
      const slotted = [...element.querySelectorAll('slot')].flatMap(slot => slot.assignedNodes({ flatten: true }))
      const text = [
        element.getAttribute('aria-label'),
        ...labels,
        element.textContent,
        ...slotted.map(node => node.textContent),
      ]
      // A card shows the focus of the radio button in it.
      const shown = [element, element.closest('label.card')].some(candidate => {
        if (!candidate) return false
        const { outlineStyle, outlineWidth } = getComputedStyle(candidate)
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
      })
      return {
        tag: element.localName,
        name: (text.find(part => part?.trim()) ?? '').replaceAll(/\s+/g, ' ').trim(),
        visible: element.matches(':focus-visible') && shown,
      }
    })

  /** Tabs until the named control has the focus; every stop on the way shows that it has it. */
  async function tabTo(name: RegExp): Promise<void> {
    for (let stops = 0; stops < 40; stops++) {
      const here = await focused()
      if (!places.has(here.tag))
        expect(here.visible, `the focus on ${here.tag} “${here.name}” is visible`).to.equal(true)
      if (name.test(here.name)) return
      await visitor.page.keyboard.press('Tab')
    }
    throw new Error(`${name} was not reached by Tab`)
  }

  async function headingHasFocus(name: string): Promise<void> {
    await visitor.page.waitForFunction(wanted => {
      let element: Element | null = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      return /^h[12]$/.test(element?.localName ?? '') && element?.textContent?.includes(wanted)
    }, name)
  }

  it('one signs in', async () => {
    await visitor.open('/sites')
    await visitor.heading('Sign in').waitFor()
    await tabTo(/^User name/)
    await visitor.page.keyboard.type(world.admin.username)
    await visitor.page.keyboard.press('Tab')
    await visitor.page.keyboard.type(world.admin.password)
    await visitor.page.keyboard.press('Enter')
    await visitor.heading('Sites').waitFor()
  })

  it('skips to the content', async () => {
    await visitor.page.reload()
    await visitor.link('New site').waitFor()
    await visitor.page.keyboard.press('Tab')
    expect((await focused()).name).to.equal('Skip to the content')
    await visitor.page.keyboard.press('Enter')
    await tabTo(/^New site/)
  })

  it('creates a site, and the focus follows what happens', async () => {
    await visitor.page.keyboard.press('Enter')
    await headingHasFocus('New site')
    await tabTo(/^Domain/)
    await visitor.page.keyboard.type('typed.example')
    await tabTo(/^Files/)
    await visitor.page.keyboard.press('ArrowDown')
    await visitor.page.keyboard.press('ArrowUp')
    expect(await visitor.page.getByRole('radio', { name: 'Files' }).isChecked()).to.equal(true)
    await tabTo(/^Create site/)
    await visitor.page.keyboard.press('Enter')
    await headingHasFocus('typed.example is online')
    await tabTo(/^Manage the site/)
    await visitor.page.keyboard.press('Enter')
    await headingHasFocus('typed.example')
  })

  it('moves between tabs with the arrow keys', async () => {
    await tabTo(/^Overview/)
    await visitor.page.keyboard.press('ArrowRight')
    expect((await focused()).name).to.equal('Domains')
    await visitor.field('Further names').waitFor()
  })

  it('changes a site, and the focus goes to its plan and then to what happens', async () => {
    await tabTo(/^Further names/)
    await visitor.page.keyboard.type('keys.typed.example')
    await visitor.page.locator('aside[aria-busy="false"] nusa-plan').waitFor()
    await tabTo(/^Apply/)
    await visitor.page.keyboard.press('Enter')
    await headingHasFocus('What is happening')
    await visitor.page.getByRole('heading', { name: 'Applied' }).waitFor()
    await headingHasFocus('Applied')
    for (let stops = 0; stops < 20 && (await focused()).name !== 'Domains'; stops++)
      await visitor.page.keyboard.press('Shift+Tab')
  })

  it('opens and closes menus and dialogs, and gets the focus back', async () => {
    await visitor.page.keyboard.press('Shift+Tab')
    await tabToBackwards(/^Actions for/)
    await visitor.page.keyboard.press('Enter')
    await visitor.page.getByRole('menu').waitFor()
    expect((await focused()).name).to.match(/Suspend/)
    await visitor.page.keyboard.press('Escape')
    expect((await focused()).name).to.match(/^Actions for/)
    await visitor.page.keyboard.press('Enter')
    await visitor.page.keyboard.press('Enter')
    await visitor.dialog.locator('nusa-plan').waitFor()
    await visitor.page.keyboard.press('Escape')
    await visitor.dialog.waitFor({ state: 'detached' })
    expect((await focused()).name).to.match(/^Actions for/)
  })

  async function tabToBackwards(name: RegExp): Promise<void> {
    for (let stops = 0; stops < 20 && !name.test((await focused()).name); stops++)
      await visitor.page.keyboard.press('Shift+Tab')
    expect((await focused()).name).to.match(name)
  }

  it('met no error on any page', () => visitor.leave())
})
