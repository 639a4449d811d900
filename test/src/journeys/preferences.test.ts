import { expect } from 'chai'
import type { Visitor } from './visitor.js'
import { theWorld } from './world.js'

describe('journey: language and theme', function () {
  this.timeout(60_000)
  let visitor: Visitor

  before(async () => {
    const world = await theWorld()
    visitor = await world.visitAs(world.admin, { colorScheme: 'light' })
    await visitor.open('/plugins')
    await visitor.heading('Plugins').waitFor()
  })

  const background = () => visitor.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const language = () => visitor.page.evaluate(() => document.documentElement.lang)

  it('speaks Indonesian at once, also after a reload, and English again', async () => {
    await visitor.page.evaluate(() => {
      document.documentElement.dataset.loaded = 'once'
    })
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.heading('Plugin').waitFor()
    await visitor.page.getByRole('navigation').getByRole('link', { name: 'Situs' }).waitFor()
    expect(await language()).to.equal('id')
    expect(await visitor.page.title()).to.contain('Plugin ·')
    expect(await visitor.page.evaluate(() => document.documentElement.dataset.loaded)).to.equal('once')

    await visitor.page.reload()
    await visitor.heading('Plugin').waitFor()
    expect(await language()).to.equal('id')
    await visitor.choose('Bahasa', 'English')
    await visitor.heading('Plugins').waitFor()
    expect(await language()).to.equal('en')
  })

  it('turns dark and light at once, also after a reload', async () => {
    const light = await background()
    await visitor.choose('Theme', 'Dark')
    expect(await background()).not.to.equal(light)
    const dark = await background()
    await visitor.page.reload()
    await visitor.heading('Plugins').waitFor()
    expect(await background()).to.equal(dark)
    await visitor.choose('Theme', 'Light')
    expect(await background()).to.equal(light)
    await visitor.page.emulateMedia({ colorScheme: 'dark' })
    expect(await background(), 'the own choice wins').to.equal(light)
    await visitor.choose('Theme', 'Like the system')
    expect(await background()).to.equal(dark)
    await visitor.page.emulateMedia({ colorScheme: 'light' })
    expect(await background()).to.equal(light)
  })

  it('do so in every tab', async () => {
    const other = await visitor.context.newPage()
    await other.goto(visitor.page.url())
    await other.getByRole('heading', { name: 'Plugins', level: 1 }).waitFor()
    await visitor.page.bringToFront()
    await visitor.choose('Theme', 'Dark')
    await other.waitForFunction(() => document.documentElement.dataset.theme === 'dark')
    await visitor.choose('Language', 'Bahasa Indonesia')
    await other.getByRole('heading', { name: 'Plugin', level: 1, exact: true }).waitFor()
    await visitor.choose('Bahasa', 'English')
    await other.getByRole('heading', { name: 'Plugins', level: 1 }).waitFor()
    await visitor.choose('Theme', 'Like the system')
    await other.close()
  })

  it('met no error on any page', () => visitor.leave())
})
