import { appendFile, chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { inspect, overflow } from './inspect.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

describe('journey: the health of the server', function () {
  this.timeout(90_000)
  let world: World
  let visitor: Visitor
  let file: string
  let written: string

  before(async () => {
    world = await theWorld()
    await world.api.makeSite({ domain: 'sehat.example', runtime: { type: 'static' } })
    const directory = join(world.panel.home, 'etc/nginx/nusantara.d')
    const [first = ''] = (await readdir(directory)).filter(name => name.endsWith('.conf'))
    file = join(directory, first)
    written = await readFile(file, 'utf8')
    visitor = await world.visitAs(world.admin)
  })

  it('is reached by the navigation, and is calm and short where all is well', async () => {
    await visitor.open('/jobs')
    await visitor.link('Health').click()
    await visitor.heading('Health').waitFor()
    await visitor.settled()
    // The sandbox is no server: that is the one thing it says.
    await visitor.page.getByRole('heading', { name: 'One thing asks for your attention' }).waitFor()
    await visitor.page.getByText('every site runs as the same user').waitFor()
    await visitor.page.getByText(`The panel takes connections on its port ${new URL(world.panel.url).port}`).waitFor()
    await inspect(visitor, 'health-well')
  })

  it('puts what is wrong first, with cause, remedy and the command to copy', async () => {
    const policy = join(world.panel.home, 'broker')
    await appendFile(file, '# by hand\n')
    await chmod(policy, 0o777)
    await visitor.button('Check again').click()
    await visitor.page.getByRole('heading', { name: '3 things ask for your attention' }).waitFor()
    const problems = visitor.page.getByRole('region', { name: 'What to mend' }).getByRole('article')
    const [worst = ''] = await problems.allInnerTexts()
    expect(worst).to.include('Others can change what decides over root').and.include(`chmod go-w ${policy}`)
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await visitor.button(`Copy the command chmod go-w ${policy}`).click()
    expect(await visitor.page.evaluate(() => navigator.clipboard.readText())).to.equal(`chmod go-w ${policy}`)
    await inspect(visitor, 'health-wrong')
    await chmod(policy, 0o750)
    await problems.last().getByRole('link', { name: 'Hand edits' }).waitFor()
  })

  it('speaks Indonesian, the findings too', async () => {
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.heading('Kesehatan').waitFor()
    await visitor.page.getByText('diubah dengan tangan').waitFor()
    await inspect(visitor, 'health-indonesian')
    expect(await overflow(visitor.page)).to.deep.equal([])
    await visitor.choose('Bahasa', 'English')
    await visitor.page.getByText('was changed by hand').waitFor()
  })

  it('is all done with the keyboard', async () => {
    await writeFile(file, written)
    await visitor.button('Check again').focus()
    await visitor.page.keyboard.press('Enter')
    await visitor.page.getByRole('heading', { name: 'One thing asks for your attention' }).waitFor()
  })

  it('is not for those who may not read it', async () => {
    const someone = await world.visitAs(await world.makePerson('sari'))
    await someone.open('/health')
    await someone.heading('Page not found').waitFor()
    expect(await someone.link('Health').count()).to.equal(0)
    expect((await someone.api.get('/health')).status).to.equal(403)
    await someone.leave()
  })

  it('met no error on the page', () => visitor.leave())
})
