import { expect } from 'chai'
import { inspect } from './inspect.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

describe('journey: the palette and the keyboard', function () {
  this.timeout(90_000)
  let world: World
  let visitor: Visitor
  const domain = 'anyaman.test'

  before(async () => {
    world = await theWorld()
    await world.api.makeSite({ domain, runtime: 'static' })
    visitor = await world.visitAs(world.admin)
    await visitor.open('/jobs')
    await visitor.heading('Jobs').waitFor()
  })

  const box = () => visitor.page.getByRole('combobox', { name: 'Search pages, actions and more' })
  const option = (name: string | RegExp) => visitor.page.getByRole('option', { name })
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => visitor.page.keyboard.press(key)), Promise.resolve())

  it('opens with Ctrl and K, shows all there is, and goes to a page', async () => {
    await press('Control+k')
    await option('Create a site').waitFor()
    await inspect(visitor, 'palette')
    await box().fill('heal')
    await option(/^Health/).waitFor()
    await press('Enter')
    await visitor.heading('Health').waitFor()
    expect(visitor.path).to.equal('/health')
  })

  it('finds what plugins know, with the arrow keys', async () => {
    await visitor.button(/Search or go to/).click()
    await box().fill('anyam')
    await option(new RegExp(domain)).waitFor()
    await inspect(visitor, 'palette-found')
    await press('ArrowDown', 'ArrowUp', 'End')
    const chosen = visitor.page.locator('[role=option][aria-selected=true]')
    while (!(await chosen.textContent())?.includes(domain)) await press('ArrowDown')
    await press('Enter')
    await visitor.heading(new RegExp(domain)).waitFor()
  })

  it('does something, says when nothing answers, and gives the focus back', async () => {
    await visitor.open('/sites')
    await visitor.heading('Sites').waitFor()
    const field = visitor.page.getByRole('searchbox')
    await field.focus()
    await press('Control+k')
    await box().fill('zzzz')
    await visitor.text('Nothing answers to “zzzz”').waitFor()
    await press('Escape')
    expect(await field.evaluate(element => element.matches(':focus'))).to.equal(true)
    await press('Control+k')
    await box().fill('dark')
    await press('Enter')
    await visitor.page.locator('html[data-theme=dark]').waitFor({ state: 'attached' })
    await press('Control+k')
    await box().fill('system')
    await press('Enter')
  })

  it('has keys for the pages, which do nothing while something is typed', async () => {
    await visitor.page.getByRole('searchbox').fill('go ?')
    expect(visitor.path).to.equal('/sites')
    await visitor.heading('Sites').focus()
    await press('g', 'o')
    await visitor.heading('Overview').waitFor()
    await press('Shift+?')
    await visitor.dialog.getByText('Go to Sites').waitFor()
    await inspect(visitor, 'shortcuts')
  })

  it('lets its reader turn single keys off', async () => {
    await visitor.dialog.getByRole('checkbox', { name: 'Turn single keys off' }).check()
    await press('Escape')
    await visitor.dialog.waitFor({ state: 'detached' })
    await press('g', 's', 'Shift+?')
    expect(visitor.path).to.equal('/overview')
    expect(await visitor.dialog.count()).to.equal(0)
    await press('Control+k')
    await box().waitFor()
    await press('Escape')
  })

  it('met no error on the page', () => visitor.leave())
})
