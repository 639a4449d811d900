import { expect } from 'chai'
import { inspect } from './inspect.js'
import { lackSoftware } from './lacking.js'
import type { Visitor } from './visitor.js'
import { theWorld } from './world.js'

describe('journey: the software that sites stand on', function () {
  this.timeout(90_000)
  let visitor: Visitor

  before(async () => {
    const world = await theWorld()
    visitor = await world.visitAs(world.admin)
  })

  it('is listed with its state, and a sandbox says what to type instead of installing', async () => {
    await visitor.open('/jobs')
    await visitor.link('Software').click()
    await visitor.heading('Software').waitFor()
    // The web server that the sites of this world are answered by.
    await visitor.page
      .getByRole('row', { name: /^nginx/ })
      .getByText(/^(?:Installed|Running)/)
      .waitFor()
    await visitor.page.getByText('This panel installs no packages on its host').waitFor()
    await visitor.settled()
    await inspect(visitor, 'stack')
  })

  it('several are chosen, and installed together', async () => {
    await lackSoftware(visitor)
    await visitor.page.reload()
    const table = visitor.page.getByRole('table', { name: 'Software' })
    await table.getByRole('checkbox', { name: 'Select all that are listed' }).check()
    const install = visitor.button(/^Install \d+ components?$/)
    await install.waitFor()
    await table.getByRole('row', { name: /^nginx/ }).waitFor()
    expect(await table.getByRole('checkbox', { name: 'Select nginx' }).count()).to.equal(0)
    await visitor.settled()
    await inspect(visitor, 'stack-selected')
    visitor.faults.expect(/^409 POST \/api\/v1\/stack\/install$/)
    await install.click()
    await visitor.dialog.getByText(/Install it as root: apt-get install /).waitFor()
    await inspect(visitor, 'stack-plan')
    await visitor.dialog.getByRole('button', { name: 'Cancel' }).click()
    await visitor.page.unrouteAll()
    await visitor.page.reload()
    await visitor.page.getByText('This panel installs no packages on its host').waitFor()
  })

  it('speaks Indonesian', async () => {
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.heading('Perangkat lunak').waitFor()
    await inspect(visitor, 'stack-indonesian')
    await visitor.choose('Bahasa', 'English')
    await visitor.heading('Software').waitFor()
  })

  it('met no error on the page', () => visitor.leave())
})
