import { until } from '@nusantara/kernel/testing'
import { expect } from 'chai'
import { inspect, phone } from './inspect.js'
import { lackSoftware } from './lacking.js'
import { Panel } from './panel.js'
import { codeOf } from './totp.js'
import { Visitor } from './visitor.js'
import { sharedBrowser } from './world.js'

const admin = { username: 'melati', password: 'perahu kertas di tepi kolam' }

describe('journey: setting a server up', function () {
  this.timeout(90_000)
  let panel: Panel
  let visitor: Visitor

  before(async () => {
    panel = await Panel.start()
    visitor = await Visitor.arrive(await sharedBrowser(), panel.url)
  })
  after(() => panel?.stop())

  const steps = () => visitor.page.getByRole('navigation', { name: 'Steps' })
  /** What the server keeps of the way so far. */
  const remembered = async () => {
    const { body } = await visitor.api.get<Record<string, unknown>>('/auth/preferences')
    return Object.keys(body).filter(name => name.startsWith('welcome'))
  }
  const onward = (name: 'Continue' | 'Not now') => visitor.button(name).click()

  it('begins with a second factor, and keeps what was made although the page is loaded again', async () => {
    await visitor.page.goto(panel.setupUrl)
    await visitor.field('User name').fill(admin.username)
    await visitor.password('Password').fill(admin.password)
    await visitor.button('Create and sign in').click()
    await visitor.heading('Protect your account').waitFor()
    expect(visitor.path).to.equal('/welcome/protect')
    expect(await steps().getByRole('link').allInnerTexts()).to.deep.equal([
      'Protect your account',
      'This server',
      'Features',
      'Software',
      'First site',
    ])
    await inspect(visitor, 'welcome-protect')
    await visitor.button('Set up an authenticator app').click()
    const secret = (await visitor.page.locator('.secret code').textContent()) ?? ''
    await visitor.field('Code').fill(codeOf(secret))
    await visitor.button('Turn on').click()
    await visitor.button('I have kept them').click()
    await visitor.button('Continue').waitFor()
    await visitor.page.reload()
    await visitor.heading('Protect your account').waitFor()
    await onward('Continue')
  })

  it('shows what the server is and what is in the way', async () => {
    await visitor.heading('This server').waitFor()
    await visitor.text('This is a sandbox').waitFor()
    await visitor
      .text(/ free of /)
      .first()
      .waitFor()
    await visitor.settled()
    await inspect(visitor, 'welcome-server')
    expect(await visitor.heading('This server').evaluate(heading => heading.matches(':focus'))).to.equal(true)
  })

  it('goes on where it was left, in another browser too', async () => {
    await visitor.link('Finish later').click()
    await visitor.text('The server is not set up yet').waitFor()
    const elsewhere = await Visitor.arrive(await sharedBrowser(), panel.url)
    const { cookies } = await visitor.context.storageState()
    await elsewhere.context.addCookies(cookies)
    await elsewhere.open('/')
    await elsewhere.text('The server is not set up yet').waitFor()
    await inspect(elsewhere, 'welcome-overview')
    await elsewhere.link('Go on').click()
    await elsewhere.heading('This server').waitFor()
    await elsewhere.page.goBack()
    await elsewhere.heading('Overview').waitFor()
    await elsewhere.leave()
    await visitor.link('Go on').click()
    await visitor.heading('This server').waitFor()
  })

  it('what is left for later is told apart from what is done', async () => {
    await visitor.link(/Features/).click()
    await visitor.heading('Features').waitFor()
    await visitor.page.goBack()
    await visitor.heading('This server').waitFor()
    await visitor.settled()
    await visitor.button(/^(?:Continue|Not now)$/).click()
    await visitor.heading('Features').waitFor()
    await steps()
      .getByRole('link', { name: /^Done: ?Protect your account/ })
      .waitFor()
    await steps()
      .getByRole('link', { name: /^To come: ?Software/ })
      .waitFor()
  })

  it('a feature that is switched off takes its step along, and brings it back', async () => {
    const sites = visitor.page.getByRole('checkbox', { name: 'Sites' })
    await visitor.settled()
    await visitor.text('What it may do as root').first().click()
    await visitor.page.getByRole('heading', { name: 'Files it writes' }).waitFor()
    await inspect(visitor, 'welcome-plugins')
    // What stands on it goes first.
    const certificates = visitor.page.getByRole('checkbox', { name: 'Certificates' })
    await certificates.uncheck()
    await visitor.page.getByText('Costs nothing while it is off.').waitFor()
    await visitor.settled()
    await sites.uncheck()
    await steps().getByText('First site').waitFor({ state: 'detached' })
    await visitor.page.getByText('Costs nothing while it is off.').nth(1).waitFor()
    await sites.check()
    await steps().getByText('First site').waitFor()
    await visitor.settled()
    await certificates.check()
    await visitor.page.getByText('Costs nothing while it is off.').waitFor({ state: 'detached' })
    await onward('Continue')
  })

  it('shows what sites stand on', async () => {
    await visitor.heading('Software').waitFor()
    await visitor.page.getByRole('row', { name: /^nginx/ }).waitFor()
    await visitor.settled()
    await inspect(visitor, 'welcome-software')
    await lackSoftware(visitor, { bare: true })
    await visitor.page.reload()
    await visitor.button('Install 2 components').waitFor()
    const chosen = await visitor.page.getByRole('checkbox', { name: /^Select (?!all)/, checked: true }).all()
    const names = await Promise.all(chosen.map(each => each.getAttribute('aria-label')))
    expect(names.join()).to.match(/^Select nginx,Select PHP [\d.]+$/)
    await visitor.settled()
    await inspect(visitor, 'welcome-software-lacking')
    await visitor.page.unrouteAll()
    await visitor.page.reload()
    await visitor.button('Install 2 components').waitFor({ state: 'detached' })
    await visitor.button(/^(?:Continue|Not now)$/).click()
    await visitor.heading('First site').waitFor()
    await visitor.settled()
    await inspect(visitor, 'welcome-site')
  })

  it('says what is wrong beside the field, and keeps what was typed', async () => {
    await visitor.field('Domain').fill('not a domain')
    await visitor.button('Create site').click()
    const field = visitor.field('Domain')
    await visitor.page.locator('.error', { hasText: /\S/ }).first().waitFor()
    expect(await field.inputValue()).to.equal('not a domain')
    expect(await field.evaluate(input => input.matches(':focus'))).to.equal(true)
    await field.fill('melati.example')
    await visitor.button('Create site').click()
    await visitor.page.getByRole('heading', { name: 'melati.example is online' }).waitFor()
    await until(async () => (await remembered()).includes('welcome.site'))
  })

  it('shows the site to who comes back, and speaks Indonesian, on a phone too', async () => {
    await visitor.page.reload()
    await visitor.link('melati.example').waitFor()
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.heading('Situs pertama').waitFor()
    await inspect(visitor, 'welcome-site-present-indonesian')
    await visitor.page.setViewportSize(phone)
    await visitor.text('Langkah 5 dari 5').waitFor()
    for (const step of ['Perangkat lunak', 'Fitur', 'Server ini', 'Lindungi akun Anda']) {
      await visitor.button('Kembali').click()
      await visitor.heading(step).waitFor()
      await visitor.settled()
      await inspect(visitor, `welcome-indonesian-${step.replaceAll(' ', '-').toLowerCase()}`, [phone])
    }
    await visitor.page.setViewportSize({ width: 1280, height: 860 })
    await visitor.choose('Bahasa', 'English')
    await visitor.heading('Protect your account').waitFor()
  })

  it('a step that does not exist says so', async () => {
    await visitor.open('/welcome/nowhere')
    await visitor.heading('There is no such step').waitFor()
    await visitor.link('Continue').click()
    await visitor.heading('First site').waitFor()
  })

  it('ends on the overview, which does not ask again', async () => {
    await visitor.button('Finish').click()
    await visitor.heading('Overview').waitFor()
    await visitor.link('melati.example').waitFor()
    expect(await visitor.text('The server is not set up yet').count()).to.equal(0)
    await until(async () => (await remembered()).length === 0)
  })

  it('is not for others', async () => {
    const person = { username: 'kenanga', password: 'daun jatuh tak pernah membenci' }
    const account = await visitor.api.post<{ id: string }>('/accounts', { name: person.username })
    await visitor.api.post('/users', { ...person, roles: ['user'], accounts: [account.id] })
    const guest = await Visitor.arrive(await sharedBrowser(), panel.url)
    await guest.api.signIn(person.username, person.password)
    await guest.open('/')
    await guest.heading('Overview').waitFor()
    expect(await guest.text('The server is not set up yet').count()).to.equal(0)
    await guest.open('/welcome/plugins')
    await guest.heading('Page not found').waitFor()
    await guest.leave()
  })

  it('met no error on any page', async () => {
    visitor.faults.expect(/^422 POST \/api\/v1\/sites/)
    await visitor.leave()
  })
})
