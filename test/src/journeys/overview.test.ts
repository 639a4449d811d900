import { expect } from 'chai'
import { inspect } from './inspect.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

describe('journey: the overview', function () {
  this.timeout(120_000)
  let world: World
  let visitor: Visitor

  before(async () => {
    world = await theWorld()
    await world.api.makeSite({ domain: 'ringkas.test', runtime: 'static' })
    visitor = await world.visitAs(world.admin)
  })

  const card = (name: string) => visitor.page.locator(`nusa-card[heading="${name}"]`)
  const headings = () =>
    visitor.page.locator('nusa-card').evaluateAll(cards => cards.map(each => each.getAttribute('heading')))

  it('is where one arrives: the server, its health, what plugins show, and the latest jobs', async () => {
    await visitor.open('/')
    await visitor.heading('Overview').waitFor()
    expect(visitor.path).to.equal('/overview')
    await visitor.page.getByRole('meter', { name: 'Memory' }).waitFor()
    await card('Sites').getByRole('link', { name: 'ringkas.test' }).waitFor()
    await card('Latest jobs').getByRole('link').first().waitFor()
    await card('Health')
      .getByText(/attention|All is well/)
      .waitFor()
    await visitor.settled()
    await inspect(visitor, 'overview')
  })

  it('leads to what it shows', async () => {
    await card('Sites').getByRole('link', { name: 'ringkas.test' }).click()
    await visitor.heading(/ringkas\.test/).waitFor()
    await visitor.page.goBack()
    await visitor.heading('Overview').waitFor()
  })

  it('is arranged by its reader, by keyboard, and stays so on another computer', async () => {
    await visitor.button('Arrange').click()
    const before = await headings()
    const name = before[1] as string
    const towards = (end: string) => visitor.page.getByRole('button', { name: `Move ${name} towards the ${end}` })
    await towards('beginning').press('Enter')
    // The other way is all that is left.
    await visitor.page.waitForFunction(button => button?.matches(':focus'), await towards('end').elementHandle())
    await visitor.page.getByRole('button', { name: 'Hide Latest jobs' }).press('Enter')
    const back = visitor.page.getByRole('button', { name: 'Show Latest jobs' })
    await back.waitFor()
    await visitor.page.waitForFunction(button => button?.matches(':focus'), await back.elementHandle())
    await inspect(visitor, 'overview-arranging')
    await visitor.button('Done').click()
    const elsewhere = await world.visitAs(world.admin)
    await elsewhere.open('/overview')
    await elsewhere.page.locator('nusa-card').nth(1).waitFor()
    await elsewhere.settled()
    const after = await elsewhere.page
      .locator('nusa-card')
      .evaluateAll(cards => cards.map(each => each.getAttribute('heading')))
    await elsewhere.leave()
    expect(after).to.deep.equal([name, before[0], ...before.slice(2)].filter(each => each !== 'Latest jobs'))
    await visitor.button('Arrange').click()
    await visitor.button('As it was at first').click()
    await card('Latest jobs').waitFor()
    expect(await headings()).to.deep.equal(before)
    await visitor.button('Done').click()
  })

  it('speaks Indonesian, the findings too', async () => {
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.heading('Ringkasan').waitFor()
    await card('Situs').waitFor()
    await visitor.settled()
    await inspect(visitor, 'overview-indonesian')
    await visitor.choose('Bahasa', 'English')
    await visitor.heading('Overview').waitFor()
  })

  it('shows others their own: no server, no health, no site of anybody else', async () => {
    const person = await world.makePerson('intan')
    const other = await world.visitAs(person)
    await other.open('/')
    await other.heading('Overview').waitFor()
    await other.page.locator('nusa-card[heading="Sites"]').waitFor()
    await other.settled()
    expect(await other.page.getByRole('meter').count()).to.equal(0)
    expect(await other.page.getByText('ringkas.test').count()).to.equal(0)
    await inspect(other, 'overview-limited')
    await other.leave()
  })

  it('met no error on the page', () => visitor.leave())
})
