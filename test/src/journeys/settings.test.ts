import { expect } from 'chai'
import { inspect, phone } from './inspect.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

describe('journey: settings', function () {
  this.timeout(60_000)
  let world: World
  let visitor: Visitor

  before(async () => {
    world = await theWorld()
    visitor = await world.visitAs(world.admin)
    visitor.faults.expect(/^422 PATCH \/api\/v1\/settings\/(?:kernel|sites)$/)
  })

  const part = (name: string) => visitor.page.locator('nusa-settings-section', { hasText: name })
  const jobDays = () => visitor.field('Days that jobs are kept')

  it('are found in the navigation, in words, with their bounds and defaults', async () => {
    await visitor.open('/overview')
    await visitor.link('Settings').click()
    await visitor.heading('Settings').waitFor()
    await part('The panel').waitFor()
    expect(await jobDays().inputValue()).to.equal('90')
    await visitor.text('From 1 to 3,650. Default: 90.').waitFor()
    await part('Sites').getByRole('textbox', { name: 'Ports that owners of sites may proxy to' }).waitFor()
    await inspect(visitor, 'settings')
  })

  it('say what is wrong beside the field, and keep what was typed', async () => {
    const save = part('The panel').getByRole('button', { name: 'Save' })
    expect(await save.isDisabled()).to.equal(true)
    await jobDays().fill('soon')
    await save.click()
    await visitor.text('Write a number.').waitFor()
    await jobDays().fill('0')
    await save.click()
    await part('The panel').locator('.error', { hasText: '1' }).first().waitFor()
    expect(await jobDays().inputValue()).to.equal('0')
    expect(await jobDays().evaluate(input => input.matches(':focus'))).to.equal(true)
    const ports = part('Sites').getByRole('textbox')
    await ports.fill('22')
    await part('Sites').getByRole('button', { name: 'Save' }).click()
    await part('Sites').locator('.error', { hasText: 'Write ports and ranges' }).first().waitFor()
    await inspect(visitor, 'settings-refused')
    await part('Sites').getByRole('button', { name: 'Discard' }).click()
    expect(await ports.inputValue()).to.equal('')
  })

  it('apply at once, and go back to the default when a field is emptied', async () => {
    await jobDays().fill('30')
    await part('The panel').getByRole('button', { name: 'Save' }).click()
    await visitor.text('The panel: settings saved.').first().waitFor()
    const stored = async () =>
      (await world.api.get<{ values: { jobDays: number } }>('/settings/kernel')).body.values.jobDays
    expect(await stored()).to.equal(30)
    await jobDays().fill('')
    await part('The panel').getByRole('button', { name: 'Save' }).click()
    // With nothing left to save, the button is off again.
    await part('The panel').locator('nusa-button[type=submit][disabled]').waitFor()
    expect(await stored()).to.equal(90)
    expect(await jobDays().inputValue()).to.equal('90')
    const { body } = await world.api.get<{ items: readonly { action: string }[] }>('/audit?limit=5')
    expect(body.items.map(({ action }) => action)).to.include('settings.kernel.update')
  })

  it('speak Indonesian, and fit a phone', async () => {
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.heading('Pengaturan').waitFor()
    await visitor.text('Hari penyimpanan pekerjaan').waitFor()
    await inspect(visitor, 'settings-indonesian', [phone])
    await visitor.choose('Bahasa', 'English')
    await visitor.heading('Settings').waitFor()
  })

  it('are not for others', async () => {
    const guest = await world.visitAs(await world.makePerson('kemuning'))
    await guest.open('/settings')
    await guest.heading('Page not found').waitFor()
    expect(await guest.link('Settings').count()).to.equal(0)
    await guest.leave()
  })

  it('met no error on the page', () => visitor.leave())
})
