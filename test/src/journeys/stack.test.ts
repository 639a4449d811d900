import { inspect } from './inspect.js'
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

  it('speaks Indonesian', async () => {
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.heading('Perangkat lunak').waitFor()
    await inspect(visitor, 'stack-indonesian')
    await visitor.choose('Bahasa', 'English')
    await visitor.heading('Software').waitFor()
  })

  it('met no error on the page', () => visitor.leave())
})
