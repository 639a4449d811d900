import type { Actor } from '@nusantara/sdk'
import { expect } from 'chai'
import { describeState } from '../testing/state.js'
import { Preferences } from './preferences.js'
import { AuthHarness, longPassword, problemOf } from './testing.js'

describeState('Preferences', stores => {
  let auth: AuthHarness
  let preferences: Preferences
  let wati: Actor
  let joko: Actor

  beforeEach(async () => {
    auth = new AuthHarness(await stores.open(), stores.config().home)
    preferences = auth.container.resolve(Preferences)
    const person = async (name: string) => {
      await auth.addUser(name)
      return auth.actor((await auth.signIn.login(await auth.client(), name, longPassword)).cookie)
    }
    wati = await person('wati')
    joko = await person('joko')
  })
  afterEach(() => auth.stop())

  it('are each person’s own, and are remembered until they are forgotten', async () => {
    await preferences.set(wati, 'dashboard.order', ['health', 'jobs'])
    await preferences.set(wati, 'dashboard.order', ['jobs', 'health'])
    await preferences.set(joko, 'dashboard.order', ['sites'])
    await preferences.set(wati, 'dense', true)
    expect(await preferences.list(wati)).to.deep.equal({ 'dashboard.order': ['jobs', 'health'], dense: true })
    await preferences.set(wati, 'dashboard.order', null)
    expect(await preferences.list(wati)).to.deep.equal({ dense: true })
    expect(await preferences.list(joko)).to.deep.equal({ 'dashboard.order': ['sites'] })
  })

  it('are not kept without end', async () => {
    for (let index = 0; index < 64; index++) await preferences.set(wati, `p${index}`, index)
    expect(await problemOf(preferences.set(wati, 'one-more', 1))).to.equal('preferences_full')
    await preferences.set(wati, 'p0', 'still changeable')
    await preferences.set(wati, 'p1', null)
    await preferences.set(wati, 'one-more', 1)
  })

  it('go with their person', async () => {
    await preferences.set(wati, 'dense', true)
    await auth.state.knex('users').where({ id: wati.userId }).delete()
    expect(await auth.state.knex('preferences')).to.deep.equal([])
  })
})
