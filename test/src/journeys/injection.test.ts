import { expect } from 'chai'
import { fetchSite } from './site-request.js'
import type { Visitor } from './visitor.js'
import { type Person, theWorld, type World } from './world.js'

/** Each would show a dialog or mark the document if anything of it ran. */
const payloads = [
  '<script>alert(1)</script>',
  '<img src=x onerror="alert(1)">',
  '"><svg onload=alert(1)>',
  'javascript:alert(1)//',
  '{{constructor.constructor("alert(1)")()}}${alert(1)}',
] as const

describe('journey: texts that would like to run', function () {
  this.timeout(60_000)
  let world: World
  let person: Person
  let visitor: Visitor
  let site: string

  before(async () => {
    world = await theWorld()
    person = await world.makePerson('joko')
    visitor = await world.visit()
    site = await world.api.makeSite({ domain: 'seeded.example', runtime: { type: 'static' } })
    for (const payload of payloads)
      await fetchSite(world.panel.sitesPort, 'seeded.example', {
        path: `/${encodeURI(payload)}?q=${payload.replaceAll(/[\s"]/g, '+')}`,
        headers: { 'user-agent': payload, referer: payload },
      })
  })

  /** Nothing of the payloads became an element, whichever shadow root it were in. */
  async function inert(): Promise<void> {
    const found = await visitor.page.evaluate(() => {
      const bad: string[] = []
      const walk = (root: ParentNode) => {
        for (const element of root.querySelectorAll('*')) {
          const attributes = [...element.attributes]
          if (attributes.some(({ name, value }) => name.startsWith('on') || /^\s*javascript:/i.test(value)))
            bad.push(element.outerHTML)
          if (element.matches('img[src="x"], body script')) bad.push(element.outerHTML)
          if (element.shadowRoot) walk(element.shadowRoot)
        }
      }
      walk(document)
      return bad
    })
    expect(found).to.deep.equal([])
  }

  it('stay text in the list of one’s sessions', async () => {
    for (const payload of payloads) {
      const elsewhere = await world.connect()
      await elsewhere.signIn(person.username, person.password, { 'user-agent': payload })
    }
    await visitor.api.signIn(person.username, person.password)
    await visitor.open('/account')
    await visitor.text(payloads[0]).waitFor()
    await visitor.text(payloads[1]).waitFor()
    await inert()
  })

  it('stay text in a search, a form, a plan and a refusal', async () => {
    await visitor.api.signIn(world.admin.username, world.admin.password)
    await visitor.open('/sites')
    for (const payload of payloads.slice(0, 2)) {
      await visitor.page.getByRole('searchbox', { name: 'Search' }).fill(payload)
      await visitor.page.getByRole('heading', { name: payload }).waitFor()
    }
    await inert()
    await visitor.open('/sites/new')
    await visitor.field('Domain').fill('redirected.example')
    await visitor.page.getByRole('radio', { name: 'Redirect' }).check()
    for (const payload of payloads) {
      await visitor.field('Where to').fill(payload)
      await visitor.button('Create site').click()
      await visitor.page.locator('#error').getByText(payload.slice(0, 20), { exact: false }).waitFor()
      expect(await visitor.field('Where to').inputValue()).to.equal(payload)
    }
    await visitor.page.getByText('More settings').click()
    await visitor.field('Further names').fill('<script>alert(1)</script>')
    await visitor.button('Create site').click()
    await visitor.page.locator('nusa-text-field', { hasText: 'Further names' }).locator('#error').waitFor()
    await inert()
  })

  it('stay text in the log of a site', async () => {
    await visitor.open(`/sites/${site}#logs`)
    const log = visitor.page.getByRole('region', { name: 'Access' })
    await log.waitFor()
    const lines = (await log.textContent()) ?? ''
    expect(lines).to.contain('<script>alert(1)</script>').and.to.contain('javascript:alert(1)')
    await inert()
  })

  it('stay text in an address', async () => {
    for (const payload of payloads.slice(0, 3)) {
      await visitor.open(`/${encodeURIComponent(payload)}`)
      await visitor.heading('Page not found').waitFor()
    }
    await visitor.open(`/plugins/${encodeURIComponent(payloads[1])}`)
    await visitor.page.getByRole('alert').waitFor()
    await inert()
  })

  it('met no dialog, no violation and no error', async () => {
    visitor.faults.expect(/^4\d\d POST \/api\/v1\/sites$/, /^4\d\d GET \/api\/v1\/plugins\//)
    await visitor.leave()
  })
})
