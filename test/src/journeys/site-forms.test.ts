import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Locator } from 'playwright-core'
import { desktop, inspect } from './inspect.js'
import { fetchSite } from './site-request.js'
import type { Visitor } from './visitor.js'
import { theWorld, type World } from './world.js'

interface SiteAnswer {
  readonly tenant: string
  readonly runtime: Readonly<Record<string, unknown>>
}

describe('journey: the forms of a site', function () {
  this.timeout(90_000)
  const domain = 'rumah-batik.example'
  let world: World
  let visitor: Visitor
  let id: string
  let tenant: string

  before(async () => {
    world = await theWorld()
    id = await world.api.makeSite({ domain, runtime: { type: 'static' } })
    tenant = (await world.api.get<SiteAnswer>(`/sites/${id}`)).body.tenant
    visitor = await world.visitAs(world.admin)
    await visitor.open('/sites')
    await visitor.link(domain).click()
    await visitor.heading(new RegExp(domain)).waitFor()
  })

  const served = (path = '/', host = domain) => fetchSite(world.panel.sitesPort, host, { path })
  /** What stands beside the form, of the values typed last. */
  const plan = (): Locator => visitor.page.getByRole('complementary')

  async function open(tab: string): Promise<void> {
    await visitor.page.getByRole('tab', { name: tab }).click()
    await plan().waitFor()
  }

  /** A file of the site, as its owner would have uploaded it. */
  async function upload(name: string, text: string): Promise<void> {
    const folder = join(world.panel.home, 'www', tenant, 'files/public')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, name), text)
  }

  /** Looks at the plan's line, applies what is shown, and waits for its job. */
  async function apply(line: string): Promise<void> {
    await visitor.page
      .locator('aside[aria-busy="false"] nusa-plan .add', { hasText: line })
      .first()
      .waitFor({ state: 'attached' })
    await plan().getByRole('button', { name: 'Apply', exact: true }).click()
    await plan().getByRole('heading', { name: 'Applied' }).waitFor()
  }

  it('takes further names, one a line', async () => {
    await open('Domains')
    await visitor.field('Further names').fill(`www.${domain}\nbatik.${domain}`)
    await plan().locator('nusa-plan').waitFor()
    await inspect(visitor, 'site-domains')
    await apply(`batik.${domain}`)
    expect((await served('/', `batik.${domain}`)).status).to.equal(200)
    await inspect(visitor, 'site-domains-applied')
  })

  it('shows what the server refuses at its field, with the focus', async () => {
    await visitor.field('Further names').fill(`www.${domain}\nnot a name!`)
    await plan().getByText('The plan appears once this is settled').waitFor()
    await plan().getByRole('button', { name: 'Apply', exact: true }).click()
    await visitor.page.locator('nusa-sites-domains #error').waitFor()
    const field = visitor.field('Further names')
    expect(await field.evaluate(input => input.matches(':focus'))).to.equal(true)
    await inspect(visitor, 'site-domains-refused')
    await plan().getByRole('button', { name: 'Discard' }).click()
    expect(await field.inputValue()).to.equal(`www.${domain}\nbatik.${domain}`)
  })

  it('serves an error page of its own', async () => {
    await upload('lost.html', 'This batik is sold out')
    await open('Error pages')
    await inspect(visitor, 'site-error-pages-none')
    await visitor.button('Add an error page').click()
    const status = visitor.page.getByLabel('When')
    expect(await status.evaluate(select => select.matches(':focus'))).to.equal(true)
    await visitor.field('Page').fill('/lost.html')
    await apply('error_page 404 /lost.html')
    await inspect(visitor, 'site-error-pages')
    const answer = await served('/nowhere')
    expect([answer.status, answer.text]).to.deep.equal([404, 'This batik is sold out'])
  })

  it('becomes a PHP site with index files of its own', async () => {
    await upload('start.php', '<?= ini_get("memory_limit"), " ", ini_get("opcache.revalidate_freq") ?>')
    await open('Runtime')
    await visitor.page.getByRole('radio', { name: 'PHP' }).check()
    await visitor.field('Index files').fill('start.php')
    await plan().getByText('Run PHP').waitFor()
    await inspect(visitor, 'site-runtime')
    await apply('index "start.php"')
    expect((await served()).text).to.match(/^128M /i)
  })

  it('sets PHP, which PHP itself confirms', async () => {
    await open('PHP')
    await visitor.field('Memory of one process').fill('lots')
    await plan().getByText('The plan appears once this is settled').waitFor()
    await plan().getByRole('button', { name: 'Apply', exact: true }).click()
    await visitor.page.locator('nusa-sites-php #error', { hasText: 'memory_limit' }).waitFor()
    await visitor.field('Memory of one process').fill('192m')
    await visitor.field('Seconds between these looks').fill('7')
    await visitor.field('Processes at most').fill('3')
    await visitor.page.getByLabel('Time zone').selectOption('Asia/Jakarta')
    await apply('pm.max_children = 3')
    await inspect(visitor, 'site-php')
    expect((await served()).text).to.equal('192m 7')
    const { runtime } = (await world.api.get<SiteAnswer>(`/sites/${id}`)).body
    expect(runtime.settings).to.deep.equal({
      memory_limit: '192m',
      'opcache.revalidate_freq': '7',
      'date.timezone': 'Asia/Jakarta',
    })
  })

  it('takes an administrator’s directives, and puts the cursor on the bad line', async () => {
    await open('Directives')
    const text = visitor.page.getByRole('textbox', { name: 'Directives' })
    await text.fill('add_header X-Motif parang always;\n\nroot /etc;\netag off;')
    await visitor.button('Check and preview').click()
    await visitor.page.locator('nusa-sites-directives-field #error', { hasText: "line 3: 'root' may not" }).waitFor()
    const selected = await text.evaluate(element => {
      const { value, selectionStart, selectionEnd } = element as HTMLTextAreaElement
      return element.matches(':focus') && value.slice(selectionStart, selectionEnd)
    })
    expect(selected).to.equal('root /etc;')
    await inspect(visitor, 'site-directives-refused')
    await text.fill('add_header X-Motif parang always;\netag off;')
    await visitor.page.getByText('What may stand anywhere').click()
    await visitor.button('Check and preview').click()
    await plan().locator('.add', { hasText: 'add_header "X-Motif" "parang" always;' }).waitFor()
    await inspect(visitor, 'site-directives')
    await apply('add_header "X-Motif"')
    expect((await served('/lost.html')).headers)
      .to.include({ 'x-motif': 'parang' })
      .and.not.have.property('etag')
  })

  it('takes a hand edit into the directives, where it stays whatever is changed after', async () => {
    const file = join(world.panel.home, `etc/nginx/nusantara.d/${tenant}.conf`)
    const before = await readFile(file, 'utf8')
    await writeFile(file, before.replace(/}\n$/, '    add_header X-Tuned "by hand";\n}\n'))
    await visitor.page.reload()
    await visitor.page.locator('nusa-sites-drift .add', { hasText: 'X-Tuned' }).waitFor()
    await visitor.button('Take into the directives').click()
    await visitor.text('From the edit by hand').waitFor()
    const text = visitor.page.getByRole('textbox', { name: 'Directives' })
    expect(await text.inputValue()).to.match(/^etag off;\nadd_header X-Tuned "by hand";$/m)
    await inspect(visitor, 'site-merge')
    await visitor.button('Check and preview').click()
    await apply('add_header "X-Tuned" "by hand";')
    await visitor.page.locator('nusa-sites-drift[found]').waitFor({ state: 'detached' })
    expect(await text.inputValue()).to.match(/^etag off;\nadd_header X-Tuned "by hand";$/m)
    expect((await served()).headers).to.include({ 'x-tuned': 'by hand' })
    const { job } = await world.api.patch<{ job: { id: string } }>(`/sites/${id}`, { uploadLimit: '17m' })
    await world.api.finished(job.id)
    expect((await served()).headers).to.include({ 'x-tuned': 'by hand' })
  })

  it('keeps what is unsaved while other tabs are looked at, and asks before the page is left', async () => {
    await open('Domains')
    await visitor.field('Further names').fill(`katun.${domain}`)
    await visitor.page.getByRole('tab', { name: 'Logs' }).click()
    await visitor.page.getByRole('tab', { name: /^Domains •/ }).waitFor()
    await visitor.link('Jobs').first().click()
    await visitor.dialog.getByRole('heading', { name: 'Leave with unsaved changes?' }).waitFor()
    await inspect(visitor, 'site-leave')
    await visitor.dialog.getByRole('button', { name: 'Stay here' }).click()
    await visitor.page.getByRole('tab', { name: /^Domains/ }).click()
    expect(await visitor.field('Further names').inputValue()).to.equal(`katun.${domain}`)
    await visitor.page.evaluate(() => history.back())
    await visitor.dialog.getByRole('button', { name: 'Leave without saving' }).click()
    await visitor.heading(new RegExp(domain)).waitFor({ state: 'detached' })
  })

  it('says when the site has changed meanwhile, and keeps what was typed', async () => {
    await visitor.open(`/sites/${id}#domains`)
    await visitor.field('Further names').fill(`katun.${domain}`)
    await plan().locator('nusa-plan').waitFor()
    await changeElsewhere({ aliases: [`sutra.${domain}`] })
    await visitor.text('The site has changed meanwhile').waitFor()
    expect(await visitor.field('Further names').inputValue()).to.equal(`katun.${domain}`)
    await inspect(visitor, 'site-overtaken')
    await plan().getByRole('button', { name: 'Discard' }).click()
    expect(await visitor.field('Further names').inputValue()).to.equal(`sutra.${domain}`)
  })

  async function changeElsewhere(body: Readonly<Record<string, unknown>>): Promise<void> {
    const { job } = await world.api.patch<{ job: { id: string } }>(`/sites/${id}`, body)
    await world.api.finished(job.id)
  }

  it('shows an edit by hand, and takes it back', async () => {
    const file = join(world.panel.home, 'etc/nginx/nusantara.d', `${tenant}.conf`)
    await appendFile(file, '# tuned by hand\n')
    await visitor.page.reload()
    await visitor.page.locator('nusa-sites-drift .add', { hasText: 'tuned by hand' }).waitFor()
    await inspect(visitor, 'site-drift')
    await visitor.button('Take it back').click()
    await visitor.page.getByRole('heading', { name: 'edited by hand' }).waitFor({ state: 'hidden' })
  })

  it('proxies with a time limit, and says so', async () => {
    await visitor.open(`/sites/${id}#runtime`)
    await visitor.page.getByRole('radio', { name: 'Application' }).check()
    await visitor.field('Application').fill('http://127.0.0.1:4567')
    await visitor.field('Seconds to wait').fill('15')
    await apply('proxy_read_timeout 15s')
    await inspect(visitor, 'site-runtime-proxy')
  })

  it('publishes the panel under a name of its own, which is offered to administrators alone', async () => {
    const name = 'panel.rumah-batik.example'
    const card = { name: 'This panel' }
    const owner = await world.visitAs(await world.makePerson('panelless'))
    await owner.open('/sites/new')
    await owner.page.getByRole('radio', { name: 'Redirect' }).waitFor()
    expect(await owner.page.getByRole('radio', card).count()).to.equal(0)
    await owner.leave()
    await visitor.open('/sites/new')
    await visitor.field('Domain').fill(name)
    await visitor.page.getByRole('radio', card).check()
    await plan().locator('nusa-plan').waitFor()
    await inspect(visitor, 'site-new-panel')
    await visitor.button('Create site').click()
    await visitor.page.getByRole('heading', { name: `${name} is online` }).waitFor()
    await inspect(visitor, 'site-new-panel-online')
    const link = visitor.page.getByRole('link', { name: 'Open site' })
    expect(await link.getAttribute('href')).to.match(/^https:\/\/panel\.rumah-batik\.example:\d+\/$/)
    const { status, headers } = await served('/sites', name)
    expect([status, headers.location]).to.deep.equal([308, `${await link.getAttribute('href')}sites`])
    await visitor.page.getByRole('link', { name: 'Manage the site' }).click()
    await visitor.heading(new RegExp(name)).waitFor()
    await inspect(visitor, 'site-panel')
    await visitor.open(`/sites/${id}`)
  })

  it('speaks Indonesian in every part', async () => {
    await visitor.choose('Language', 'Bahasa Indonesia')
    for (const [hash, name] of [
      ['overview', 'Ringkasan'],
      ['domains', 'Domain'],
      ['runtime', 'Runtime'],
      ['errors', 'Halaman galat'],
      ['directives', 'Direktif'],
      ['logs', 'Log'],
    ] as const) {
      await visitor.page.getByRole('tab', { name, exact: true }).click()
      await visitor.settled()
      await inspect(visitor, `indonesian-site-${hash}`, [desktop])
    }
  })

  it('met no error on any page', async () => {
    visitor.faults.expect(/^4\d\d PATCH \/api\/v1\/sites\/[^/]+$/)
    await visitor.leave()
  })
})
