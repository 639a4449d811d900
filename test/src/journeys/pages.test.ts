import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from './inspect.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

/** Pages that no other journey looks at. */
describe('journey: around the pages', function () {
  this.timeout(60_000)
  let world: World
  let visitor: Visitor

  before(async () => {
    world = await theWorld()
    await Promise.all(
      [
        { domain: 'kopi-nusantara.example', aliases: ['www.kopi-nusantara.example'], runtime: { type: 'static' } },
        { domain: 'api.kopi-nusantara.example', runtime: { type: 'proxy', target: 'http://127.0.0.1:3000' } },
        { domain: 'tenun.example', runtime: { type: 'static' } },
        { domain: 'kopi.example', runtime: { type: 'redirect', target: 'https://kopi-nusantara.example' } },
      ].map(site => world.api.makeSite(site)),
    )
    visitor = await world.visitAs(world.admin)
  })

  it('the list of sites', async () => {
    await visitor.open('/sites')
    await visitor.link('tenun.example').waitFor()
    await visitor.page.getByRole('searchbox', { name: 'Search' }).fill('kopi')
    await visitor.link('tenun.example').waitFor({ state: 'detached' })
    await visitor.text('Application at http://127.0.0.1:3000').waitFor()
    await inspect(visitor, 'sites')
  })

  it('a new site, for each that it may serve', async () => {
    await visitor.open('/sites/new')
    await visitor.heading('New site').waitFor()
    await inspect(visitor, 'new-site-blank')
    await visitor.field('Domain').fill('toko-batik.example')
    await visitor.page
      .locator('nusa-plan details', { hasText: 'server_name toko-batik.example' })
      .locator('summary')
      .click()
    await inspect(visitor, 'new-site')
    for (const [runtime, field] of [
      ['PHP', 'PHP version'],
      ['Application', 'Application'],
      ['Redirect', 'Where to'],
    ] as const) {
      await visitor.page.getByRole('radio', { name: runtime }).check()
      await visitor.page.getByLabel(field).last().waitFor()
      await visitor.page.getByText('More settings').click()
      await inspect(visitor, `new-site-${runtime.toLowerCase()}`)
      await visitor.page.getByText('More settings').click()
    }
  })

  it('hand edits of a file', async () => {
    const directory = join(world.panel.home, 'etc/nginx/nusantara.d')
    const [file = ''] = await readdir(directory)
    await appendFile(join(directory, file), '# tuned by hand\n')
    await visitor.open('/drift')
    await visitor.page.locator('.add', { hasText: 'tuned by hand' }).waitFor()
    await inspect(visitor, 'hand-edits')
    await visitor.button('Take it back').click()
    await visitor.dialog.getByRole('button', { name: 'Take it back' }).click()
    await visitor.page.getByRole('heading', { name: 'Every file is as the panel wrote it' }).waitFor()
    await inspect(visitor, 'hand-edits-none')
  })

  it('open menus', async () => {
    await visitor.open('/plugins')
    await visitor.heading('Plugins').waitFor()
    await visitor.button('Account menu').click()
    await visitor.page.getByRole('menu').waitFor()
    await inspect(visitor, 'account-menu')
  })

  it('in Indonesian', async () => {
    await visitor.open('/account')
    await visitor.heading('Your account').waitFor()
    await visitor.choose('Language', 'Bahasa Indonesia')
    await visitor.page.getByRole('navigation', { name: 'Navigasi utama' }).waitFor()
    for (const path of ['/sites', '/sites/new', '/jobs', '/plugins/sites', '/account']) {
      await visitor.open(path)
      await visitor.page.getByRole('heading', { level: 1 }).waitFor()
      await visitor.settled()
      await inspect(visitor, `indonesian${path.replaceAll('/', '-')}`)
    }
  })

  it('met no error on any page', () => visitor.leave())
})
