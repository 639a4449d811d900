import { expect } from 'chai'
import { inspect } from './inspect.js'
import { Panel } from './panel.js'
import { fetchSite } from './site-request.js'
import { Visitor } from './visitor.js'
import { sharedBrowser } from './world.js'

const newcomer = { username: 'sari', password: 'kopi tubruk tanpa gula' }

describe('journey: the newcomer', function () {
  this.timeout(90_000)
  let panel: Panel
  let visitor: Visitor

  before(async () => {
    panel = await Panel.start()
    visitor = await Visitor.arrive(await sharedBrowser(), panel.url)
  })
  after(() => panel?.stop())

  it('is welcomed by the page of the printed link', async () => {
    await visitor.page.goto(panel.setupUrl)
    await visitor.heading('Welcome').waitFor()
    expect(visitor.path, 'the token leaves the address bar').to.equal('/setup')
    await inspect(visitor, 'setup')
  })

  it('has a site answered by a real web server within a minute', async () => {
    const began = Date.now()
    await visitor.open('/')
    await visitor.page.goto(panel.setupUrl)
    await visitor.field('User name').fill(newcomer.username)
    await visitor.password('Password').fill('short')
    await visitor.button('Create and sign in').click()
    await visitor.text('The password is shorter than 15 characters.').waitFor()
    await visitor.password('Password').fill(newcomer.password)
    await visitor.button('Create and sign in').click()

    for (const step of ['Protect your account', 'This server', 'Features', 'Software']) {
      await visitor.heading(step).waitFor()
      await visitor.settled()
      await visitor.button(/^(?:Continue|Not now)$/).click()
    }
    await visitor.heading('First site').waitFor()
    expect(visitor.path).to.equal('/welcome/sites-onboarding')
    await visitor.field('Domain').fill('hello.example')
    expect(await visitor.page.getByRole('radio', { name: 'Files' }).isChecked()).to.equal(true)
    const plan = visitor.page.getByRole('complementary')
    const vhost = plan.locator('details', { hasText: 'server_name hello.example' })
    await vhost.locator('summary').click()
    await vhost.locator('.add', { hasText: 'server_name hello.example' }).waitFor()
    await visitor.button('Create site').click()

    await visitor.page.getByRole('heading', { name: 'hello.example is online' }).waitFor()
    await visitor.page.getByRole('status').getByText('Succeeded').waitFor()
    const link = await visitor.link('Open site').getAttribute('href')
    expect(link).to.equal(`http://hello.example:${panel.sitesPort}/`)
    const answer = await fetchSite(panel.sitesPort, 'hello.example')
    expect(answer.status).to.equal(200)
    expect(answer.headers.server).to.match(/^nginx/)

    const took = Date.now() - began
    console.log(`      from the link to the answered site: ${(took / 1000).toFixed(1)} s`)
    expect(took).to.be.below(60_000)
    await inspect(visitor, 'welcome-site-online')
    await visitor.button('Finish').click()
    await visitor.heading('Overview').waitFor()
    await visitor.link('hello.example').waitFor()
    expect(await visitor.text('The server is not set up yet').count()).to.equal(0)
  })

  it('finds the setup link used up', async () => {
    await visitor.page.goto(panel.setupUrl)
    // Signed in already; the way through is there again for who wants to see it.
    await visitor.heading('Protect your account').waitFor()
    const stranger = await Visitor.arrive(await sharedBrowser(), panel.url)
    await stranger.page.goto(panel.setupUrl)
    await stranger.field('User name').fill('stranger')
    await stranger.password('Password').fill(newcomer.password)
    await stranger.button('Create and sign in').click()
    await stranger.text('The setup link is wrong or was used before.').waitFor()
    stranger.faults.expect(/^4\d\d POST \/api\/v1\/setup$/)
    await stranger.leave()
  })

  it('met no error on any page', async () => {
    visitor.faults.expect(/^4\d\d POST \/api\/v1\/setup$/)
    await visitor.leave()
  })
})
