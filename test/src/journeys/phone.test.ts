import { expect } from 'chai'
import { inspect, overflow, phone } from './inspect.js'
import type { Visitor } from './visitor.js'
import { theWorld } from './world.js'

describe('journey: on a phone', function () {
  this.timeout(60_000)
  let visitor: Visitor
  let site: string

  before(async () => {
    const world = await theWorld()
    site = await world.api.makeSite({
      domain: 'rumah-makan-padang-sederhana-sekali.example',
      aliases: ['www.rumah-makan-padang-sederhana-sekali.example'],
      runtime: 'php',
      errorPages: { '404': '/lost.html' },
    })
    visitor = await world.visitAs(world.admin, {
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
    })
  })

  it('the navigation is a drawer', async () => {
    await visitor.open('/sites')
    await visitor.button('Open the navigation').tap()
    const drawer = visitor.dialog.getByRole('navigation', { name: 'Main navigation' })
    await drawer.getByRole('link', { name: 'Plugins' }).waitFor()
    await inspect(visitor, 'navigation-drawer', [phone])
    await drawer.getByRole('link', { name: 'Plugins' }).tap()
    await visitor.heading('Plugins').waitFor()
    await drawer.waitFor({ state: 'hidden' })
  })

  it('no page is wider than it, in either language', async () => {
    for (const language of ['English', 'Bahasa Indonesia']) {
      for (const path of [
        '/sites',
        `/sites/${site}`,
        `/sites/${site}#domains`,
        `/sites/${site}#runtime`,
        `/sites/${site}#logs`,
        '/sites/new',
        '/jobs',
        '/drift',
        '/health',
        '/stack',
        '/plugins',
        '/plugins/sites',
        '/people',
        '/people#accounts',
        '/people#roles',
        '/people/new',
        '/account',
        '/account#tokens',
        '/nowhere',
      ]) {
        await visitor.open(path)
        await visitor.page.getByRole('heading', { level: 1 }).waitFor()
        await visitor.settled()
        expect(await overflow(visitor.page), path).to.deep.equal([])
      }
      await visitor.choose(/^(Language|Bahasa)$/, language === 'English' ? 'Bahasa Indonesia' : 'English')
    }
  })

  it('a site is created with the thumb', async () => {
    await visitor.open('/sites/new')
    await visitor.field('Domain').fill('ponsel.example')
    await visitor.button('Create site').tap()
    await visitor.page.getByRole('heading', { name: 'ponsel.example is online' }).waitFor()
    expect(await overflow(visitor.page)).to.deep.equal([])
  })

  it('met no error on any page', () => visitor.leave())
})
