import { expect } from 'chai'
import { inspect } from './inspect.js'
import type { Visitor } from './visitor.js'
import { type Person, theWorld, type World } from './world.js'

describe('journey: what a person may see', function () {
  this.timeout(60_000)
  let world: World
  let person: Person
  let visitor: Visitor
  let foreign: string

  before(async () => {
    world = await theWorld()
    foreign = await world.api.makeSite({ domain: 'foreign.example', runtime: { type: 'static' } })
    person = await world.makePerson('budi')
    visitor = await world.visitAs(person)
    await visitor.open('/')
  })

  it('are their own sites and jobs, none of the server’s pages', async () => {
    await visitor.link('Create your first site').click()
    await visitor.field('Domain').fill('budi.example')
    await visitor.button('Create site').click()
    await visitor.page.getByRole('heading', { name: 'budi.example is online' }).waitFor()
    await visitor.link('Sites').first().click()
    await visitor.link('budi.example').waitFor()
    expect(await visitor.text('foreign.example').count()).to.equal(0)
    const navigation = visitor.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link')
    expect((await navigation.allTextContents()).map(text => text.trim())).to.deep.equal([
      'Overview',
      'Sites',
      'Certificates',
      'Jobs',
      'Schedules',
    ])
    await visitor.link('Jobs').click()
    await visitor.link('Create site budi.example').waitFor()
    expect(await visitor.text('foreign.example').count()).to.equal(0)
  })

  it('is not widened by typing an address', async () => {
    for (const path of ['/plugins', '/plugins/sites', '/drift']) {
      await visitor.open(path)
      await visitor.heading('Page not found').waitFor()
    }
    await inspect(visitor, 'page-not-found')
    visitor.faults.expect(new RegExp(`^404 GET /api/v1/sites/${foreign}$`))
    await visitor.open(`/sites/${foreign}`)
    await visitor.page.getByRole('alert').waitFor()
    expect(await visitor.text('foreign.example').count()).to.equal(0)
    await inspect(visitor, 'site-not-found')
  })

  it('met no error on any page', () => visitor.leave())
})

describe('journey: a session that ends', function () {
  this.timeout(60_000)

  it('is signed in again on the page where it ended, with what was typed', async () => {
    const world = await theWorld()
    const person = await world.makePerson('tari')
    const [visitor, elsewhere] = await Promise.all([world.visitAs(person), world.visit()])
    await visitor.open('/sites/new')
    await visitor.field('Domain').fill('tari.example')
    await visitor.page.getByRole('complementary').locator('nusa-plan').waitFor()
    await elsewhere.api.signIn(person.username, person.password)
    await elsewhere.api.delete('/auth/sessions')

    visitor.faults.expect(/^401 POST \/api\/v1\/sites$/)
    await visitor.button('Create site').click()
    await visitor.heading('Sign in').waitFor()
    expect(visitor.path).to.equal('/sites/new')
    await visitor.field('User name').fill(person.username)
    await visitor.password('Password').fill(person.password)
    await visitor.button('Sign in').click()
    await visitor.heading('New site').waitFor()
    expect(visitor.path).to.equal('/sites/new')
    expect(await visitor.field('Domain').inputValue()).to.equal('tari.example')
    await visitor.button('Create site').click()
    await visitor.page.getByRole('heading', { name: 'tari.example is online' }).waitFor()
    await elsewhere.leave()
    await visitor.leave()
  })

  it('is signed in again although the drawer of jobs was open, which is there again after', async () => {
    const world = await theWorld()
    const { person, visitor } = await world.visitUntilSignedOut('sekar')

    visitor.faults.expect(/^401 GET \/api\/v1\//)
    await visitor.button('Show the latest jobs').click()
    await visitor.heading('Sign in').waitFor()
    await visitor.field('User name').fill(person.username)
    await visitor.password('Password').fill(person.password)
    await visitor.button('Sign in').click()
    const drawer = visitor.page.getByRole('dialog', { name: 'Jobs' })
    await drawer.waitFor()
    await drawer.getByRole('button', { name: 'Close' }).click()
    await visitor.button('Account menu').click()
    await visitor.leave()
  })

  it('says so when the sign-in cannot be loaded, and loads it once it can be', async () => {
    const world = await theWorld()
    const { visitor } = await world.visitUntilSignedOut('melati')

    visitor.faults.expect(/^401 GET \/api\/v1\//, /^503 GET \/assets\/sign-in/)
    await visitor.page.route('**/assets/sign-in*', route => route.fulfill({ status: 503 }))
    await visitor.page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click()
    await visitor.page.getByRole('alert').filter({ hasText: 'This page cannot be shown.' }).waitFor()
    await visitor.page.unroute('**/assets/sign-in*')
    await visitor.button('Try again').click()
    await visitor.heading('Sign in').waitFor()
    await visitor.leave()
  })

  it('leads back to an address that was opened without one', async () => {
    const world = await theWorld()
    const visitor = await world.visit()
    await visitor.open('/plugins/sites')
    await visitor.field('User name').fill(world.admin.username)
    await visitor.password('Password').fill(world.admin.password)
    await visitor.button('Sign in').click()
    await visitor.text('What it may do as administrator of the server').waitFor()
    expect(visitor.path).to.equal('/plugins/sites')
    await visitor.leave()
  })
})
