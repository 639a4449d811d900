import { expect } from 'chai'
import { inspect } from './inspect.js'
import { fetchSite } from './site-request.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

describe('journey: jobs and plugins', function () {
  this.timeout(60_000)
  let world: World
  let visitor: Visitor

  before(async () => {
    world = await theWorld()
    await world.api.makeSite({ domain: 'batik.example', aliases: ['www.batik.example'], runtime: { type: 'static' } })
    visitor = await world.visitAs(world.admin)
    await visitor.open('/')
  })

  const navigation = (name: string) =>
    visitor.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name, exact: true })

  it('lists every job, each with steps and log', async () => {
    await navigation('Jobs').click()
    await visitor.heading('Jobs').waitFor()
    await visitor.link('Create site batik.example').waitFor()
    await inspect(visitor, 'jobs')
    await visitor.link('Create site batik.example').click()
    await visitor.heading('Create site batik.example').waitFor()
    await visitor.page.getByRole('list', { name: 'Steps' }).getByText('Publish on the web server').waitFor()
    await visitor.page
      .getByRole('log')
      .getByText(/vhost is in force: .*probe \d+ ms/)
      .waitFor()
    await inspect(visitor, 'job')
  })

  it('follows a job while it runs', async () => {
    await visitor.open('/sites/new')
    await visitor.field('Domain').fill('live.example')
    await visitor.button('Create site').click()
    await visitor.page.getByRole('list', { name: 'Steps' }).waitFor()
    await visitor.page.getByRole('status').getByText('Succeeded').waitFor()
    await visitor.page.locator('nusa-job summary:visible').click()
    await visitor.page
      .getByRole('log')
      .getByText(/vhost is in force/)
      .waitFor()
    await visitor.button('Show the latest jobs').click()
    await visitor.dialog.getByText('Create site live.example').waitFor()
    await inspect(visitor, 'jobs-drawer')
    await visitor.page.keyboard.press('Escape')
  })

  it('says in words what a plugin may do', async () => {
    await navigation('Plugins').click()
    await visitor.heading('Plugins').waitFor()
    await inspect(visitor, 'plugins')
    await visitor.link('Sites').last().click()
    await visitor.heading(/^Sites/).waitFor()
    const groups = visitor.page.locator('nusa-plugin-privileges section')
    await groups.first().waitFor()
    expect(await groups.getByRole('heading').allTextContents()).to.deep.equal([
      'System users',
      'Services it controls',
      'Programs it runs',
      'Files it writes',
    ])
    for (const text of await groups.getByRole('listitem').allTextContents()) expect(text).not.to.match(/[{}]|privilege/)
    await groups.getByText('Controls the service nginx.service').waitFor()
    await groups.getByText('etc/nginx/nginx.conf').waitFor()
    await inspect(visitor, 'plugin')
  })

  it('takes a disabled plugin out of the navigation and leaves its sites online', async () => {
    // What stands on it goes first.
    await world.api.post('/plugins/ssl/disable')
    await navigation('Certificates').waitFor({ state: 'detached' })
    await visitor.button('Disable').click()
    await visitor.dialog.getByText('Its data stays').waitFor()
    await inspect(visitor, 'plugin-disable')
    await visitor.dialog.getByRole('button', { name: 'Disable' }).click()
    await navigation('Sites').waitFor({ state: 'detached' })
    await visitor.button('Enable').waitFor()
    expect((await world.api.get('/sites')).status).to.equal(404)
    expect((await fetchSite(world.panel.sitesPort, 'batik.example')).status).to.equal(200)
  })

  it('puts it back when it is enabled', async () => {
    await visitor.button('Enable').click()
    await navigation('Sites').click()
    await visitor.link('batik.example').waitFor()
  })

  after(() => world.api.post('/plugins/ssl/enable'))

  it('met no error on any page', () => visitor.leave())
})
