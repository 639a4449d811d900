import { expect } from 'chai'
import type { Locator } from 'playwright-core'
import { inspect } from './inspect.js'
import { fetchSite } from './site-request.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

describe('journey: a site over its life', function () {
  this.timeout(60_000)
  const domain = 'warung-makan.example'
  const suspended = 'An administrator suspended this site'
  let world: World
  let visitor: Visitor

  before(async () => {
    world = await theWorld()
    await world.api.makeSite({ domain: 'taken.example', runtime: { type: 'static' } })
    const id = await world.api.makeSite({ domain, runtime: { type: 'static' } })
    visitor = await world.visitAs(world.admin)
    await visitor.open(`/sites/${id}`)
    await visitor.heading(new RegExp(domain)).waitFor()
  })

  const tab = (name: string) => visitor.page.getByRole('tab', { name })

  /** Confirms what the open dialog shows, once it shows a plan, and waits for its job. */
  async function apply(action: string): Promise<void> {
    await visitor.dialog.getByRole('heading', { name: 'What will happen' }).waitFor()
    await visitor.dialog.locator('nusa-plan').waitFor()
    await visitor.dialog.getByRole('button', { name: action, exact: true }).click()
    await visitor.dialog.getByText('Succeeded').waitFor()
    await visitor.dialog.getByRole('button', { name: 'Done' }).click()
    await visitor.dialog.waitFor({ state: 'hidden' })
  }

  it('shows what it is', async () => {
    await visitor.text(`http://${domain}:${world.panel.sitesPort}/`).waitFor()
    await inspect(visitor, 'site')
  })

  it('gets a further name, after its plan was shown as a diff', async () => {
    await tab('Domains').click()
    await visitor.field('Further names').fill(`www.${domain}`)
    const plan = visitor.page.getByRole('complementary')
    await plan
      .locator('.add', { hasText: `www.${domain}` })
      .first()
      .waitFor()
    await plan.getByRole('button', { name: 'Apply', exact: true }).click()
    await plan.getByRole('heading', { name: 'Applied' }).waitFor()
    expect((await fetchSite(world.panel.sitesPort, `www.${domain}`)).status).to.equal(200)
  })

  /** The server's words beside the field, which keeps what was typed and gets the focus. */
  async function conflictBeside(field: Locator): Promise<void> {
    await visitor.page.locator('#error', { hasText: 'taken.example belongs to another site' }).waitFor()
    expect(await field.inputValue()).to.equal('taken.example')
    expect(await field.getAttribute('aria-invalid')).to.equal('true')
    expect(await field.evaluate(input => input.matches(':focus'))).to.equal(true)
    const described = await field.evaluate(input => {
      const ids = input.getAttribute('aria-describedby')?.split(' ') ?? []
      return ids.map(id => (input.getRootNode() as ShadowRoot).getElementById(id)?.textContent).join(' ')
    })
    expect(described).to.contain('taken.example belongs to another site')
  }

  it('that another site has is refused beside the field, which keeps what was typed and the focus', async () => {
    await visitor.field('Further names').fill('taken.example')
    await visitor.button('Apply').click()
    await conflictBeside(visitor.field('Further names'))
    await inspect(visitor, 'site-conflict')
    await visitor.button('Discard').click()
    await visitor.open('/sites/new')
    await visitor.field('Domain').fill('taken.example')
    await visitor.button('Create site').click()
    await conflictBeside(visitor.field('Domain'))
    await inspect(visitor, 'new-site-conflict')
  })

  it('logs who visited', async () => {
    await fetchSite(world.panel.sitesPort, domain, { path: '/menu/rendang', headers: { 'user-agent': 'Peramban/1.0' } })
    await visitor.link('Sites').first().click()
    // What the refused form held is not worth keeping.
    await visitor.button('Leave without saving').click()
    await visitor.link(domain).click()
    await tab('Logs').click()
    await visitor.page.getByRole('region', { name: 'Access' }).getByText('/menu/rendang').waitFor()
    await inspect(visitor, 'site-logs')
    await visitor.page.getByRole('searchbox', { name: 'Only lines with' }).fill('no such line')
    await visitor.page.getByRole('heading', { name: 'No line contains “no such line”' }).waitFor()
    await visitor.page.getByRole('searchbox', { name: 'Only lines with' }).fill('')
    await visitor.button('Follow').click()
    await fetchSite(world.panel.sitesPort, domain, { path: '/menu/soto' })
    await visitor.page.getByRole('region', { name: 'Access' }).getByText('/menu/soto').waitFor()
  })

  it('is suspended and comes back', async () => {
    await visitor.choose(`Actions for ${domain}`, 'Suspend')
    await visitor.field('Reason').fill('The bill of June')
    await inspect(visitor, 'site-suspend')
    await apply('Suspend')
    await visitor.text(suspended).waitFor()
    await visitor.text('The bill of June').waitFor()
    expect((await fetchSite(world.panel.sitesPort, domain)).status).to.equal(503)
    await inspect(visitor, 'site-suspended')
    await visitor.choose(`Actions for ${domain}`, 'Resume')
    await apply('Resume')
    await visitor.text(suspended).waitFor({ state: 'hidden' })
    expect((await fetchSite(world.panel.sitesPort, domain)).status).to.equal(200)
  })

  it('is deleted when its name is typed, after its plan was shown', async () => {
    await visitor.choose(`Actions for ${domain}`, 'Delete')
    const button = visitor.dialog.getByRole('button', { name: /^Delete/ })
    await visitor.dialog.locator('nusa-plan').waitFor()
    expect(await button.isDisabled()).to.equal(true)
    await visitor.dialog.getByRole('textbox').fill(domain.slice(1))
    expect(await button.isDisabled()).to.equal(true)
    await visitor.dialog.getByRole('textbox').fill(domain)
    await inspect(visitor, 'site-delete')
    await button.click()
    await visitor.dialog.getByText('Succeeded').waitFor()
    await visitor.dialog.getByRole('button', { name: 'Done' }).click()
    await visitor.heading('Sites').waitFor()
    await visitor.link('taken.example').waitFor()
    expect(await visitor.link(domain).count()).to.equal(0)
    expect((await fetchSite(world.panel.sitesPort, domain)).status).to.equal(404)
  })

  it('met no error on any page', async () => {
    visitor.faults.expect(/^4\d\d POST \/api\/v1\/sites$/, /^4\d\d PATCH \/api\/v1\/sites\/[^/]+$/)
    await visitor.leave()
  })
})
