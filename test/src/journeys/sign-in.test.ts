import { expect } from 'chai'
import { inspect } from './inspect.js'
import { codeOf } from './totp.js'
import type { Visitor } from './visitor.js'
import { type Person, theWorld, type World } from './world.js'

describe('journey: signing in', function () {
  this.timeout(60_000)
  let world: World
  let person: Person
  let visitor: Visitor
  let secret: string
  let recoveryCodes: string[]

  before(async () => {
    world = await theWorld()
    person = await world.makePerson('wulan')
    visitor = await world.visit()
  })

  async function giveCode(label: string, code: string): Promise<void> {
    await visitor.heading('One more step').waitFor()
    await visitor.field(label).fill(code)
    await visitor.button('Continue').click()
  }

  async function signIn(password = person.password): Promise<void> {
    await visitor.heading('Sign in').waitFor()
    await visitor.field('User name').fill(person.username)
    await visitor.password('Password').fill(password)
    await visitor.button('Sign in').click()
  }

  async function signOut(): Promise<void> {
    await visitor.choose('Account menu', 'Sign out')
    await visitor.heading('Sign in').waitFor()
  }

  it('with a wrong password says so on the form and keeps the name', async () => {
    await visitor.open('/')
    await visitor.heading('Sign in').waitFor()
    await inspect(visitor, 'sign-in')
    await signIn('not the password')
    await visitor.text('The user name or the password is wrong.').waitFor()
    expect(await visitor.field('User name').inputValue()).to.equal(person.username)
    await inspect(visitor, 'sign-in-wrong')
  })

  it('with the right one opens the panel, and signing out closes it', async () => {
    await signIn()
    await visitor.heading('Overview').waitFor()
    await visitor.link('Sites').first().click()
    await visitor.page.getByRole('heading', { name: 'No sites yet' }).waitFor()
    await inspect(visitor, 'sites-empty')
    await signOut()
    await visitor.page.goBack()
    await visitor.heading('Sign in').waitFor()
    await signIn()
    await visitor.button('Account menu').waitFor()
  })

  it('gets a second factor by a QR code or its key', async () => {
    await visitor.choose('Account menu', 'Your account')
    await visitor.heading('Your account').waitFor()
    await inspect(visitor, 'account')
    await visitor.button('Set up an authenticator app').click()
    await visitor.page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
    secret = (await visitor.page.locator('.secret code').textContent()) ?? ''
    expect(secret).to.match(/^[A-Z2-7]{16,}$/)
    await inspect(visitor, 'account-totp')

    await visitor.field('Code').fill('000000')
    await visitor.button('Turn on').click()
    await visitor.text('The code is wrong').waitFor()
    // The step before now is still good and leaves this one for signing in.
    await visitor.field('Code').fill(codeOf(secret, -1))
    await visitor.button('Turn on').click()
    const codes = visitor.page.getByRole('list', { name: 'Your recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    recoveryCodes = await codes.allTextContents()
    expect(recoveryCodes).to.have.length.above(5)
    await inspect(visitor, 'account-recovery-codes')
    await visitor.button('I have kept them').click()
    await visitor.button('New recovery codes').waitFor()
  })

  it('then asks for a code, and a wrong one is refused', async () => {
    await signOut()
    await signIn()
    await visitor.heading('One more step').waitFor()
    await inspect(visitor, 'sign-in-code')
    await giveCode('Code', '000000')
    await visitor.text('The code is wrong').waitFor()
    await giveCode('Code', codeOf(secret))
    await visitor.heading('Overview').waitFor()
  })

  it('takes a recovery code instead, once', async () => {
    const [code = ''] = recoveryCodes
    for (const accepted of [true, false]) {
      await signOut()
      await signIn()
      await visitor.heading('One more step').waitFor()
      await visitor.button('Use a recovery code').click()
      await giveCode('Recovery code', code)
      if (accepted) await visitor.heading('Overview').waitFor()
      else await visitor.text('The code is wrong').waitFor()
      if (!accepted) break
    }
    expect(await visitor.heading('Overview').count()).to.equal(0)
    await visitor.button('Start over').click()
    await visitor.heading('Sign in').waitFor()
  })

  it('met no error on any page', async () => {
    visitor.faults.expect(/^4\d\d POST \/api\/v1\/auth\/(login|totp|totp\/confirm)$/)
    await visitor.leave()
  })
})
