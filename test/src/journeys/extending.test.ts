import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestPanel } from '@nusantara/kernel/testing'
import type { TestPanel } from '@nusantara/sdk/testing'
import { expect } from 'chai'
import { inspect } from './inspect.js'
import { fetchSite } from './site-request.js'
import { Visitor } from './visitor.js'
import { sharedBrowser } from './world.js'

const sites = fileURLToPath(new URL('../../../plugins/sites', import.meta.url))

/** As its author would write it: a part of "create site" with a step, a tab on the page of a site, a page of its own. */
const server = `import { Joi, object } from '${import.meta.resolve('@nusantara/sdk')}'
import { createExtension, siteTabs } from '${new URL('../../../plugins/sites/dist/api.js', import.meta.url).href}'
const title = { code: 'notes.title' }
export default { start(ctx) {
  ctx.extensions.extend(createExtension, {
    key: 'notes', element: 'nusa-notes-field', permission: 'authenticated', title,
    schema: object({ note: Joi.string().max(20).required() }),
    steps: [{ name: 'note', definition: {
      onCrash: 'replay',
      plan: async () => ({ summary: { code: 'notes.plan' } }),
      run: async ({ input, log }) => { log('noted ' + JSON.stringify(input)); return {} },
    } }],
  })
  ctx.ui.fill(siteTabs, { element: 'nusa-notes-tab', permission: 'authenticated', title })
  ctx.ui.page({ path: '/notes', element: 'nusa-notes', permission: 'authenticated', nav: { title, icon: 'file-text', order: 50 } })
} }`

const bundle = `import { html } from 'lit'
import { NusaElement, translator } from '@nusantara/sdk/ui'
const t = translator('notes')
customElements.define('nusa-notes-field', class extends NusaElement {
  render() { return html\`<nusa-text-field name="extensions.notes.note" label=\${t('notes.title')}></nusa-text-field>\` }
})
customElements.define('nusa-notes-tab', class extends NusaElement {
  static properties = { siteId: {} }
  render() { return html\`<section class="panel"><h2>\${t('notes.of', { id: this.siteId })}</h2></section>\` }
})
customElements.define('nusa-notes', class extends NusaElement {
  render() { return html\`<nusa-page heading=\${t('notes.title')}></nusa-page>\` }
})`

const texts = { 'notes.title': 'Note', 'notes.plan': 'Write the note down', 'notes.of': 'Note of {id}' }

async function writeNotes(parent: string): Promise<string> {
  const directory = join(parent, 'notes')
  await mkdir(join(directory, 'dist', 'ui'), { recursive: true })
  await mkdir(join(directory, 'locales'))
  const nusantara = {
    id: 'notes',
    api: '^1',
    displayName: { en: 'Notes' },
    dependencies: { sites: '>=0.1.0' },
    capabilities: ['ui', 'jobs'],
    entry: { server: './dist/index.js', ui: './dist/ui/index.js' },
  }
  const file = { name: 'notes', version: '1.0.0', type: 'module', nusantara }
  await writeFile(join(directory, 'package.json'), JSON.stringify(file))
  await writeFile(join(directory, 'dist', 'index.js'), server)
  await writeFile(join(directory, 'dist', 'ui', 'index.js'), bundle)
  for (const language of ['en', 'id'])
    await writeFile(join(directory, 'locales', `${language}.json`), JSON.stringify(texts))
  return directory
}

describe('journey: a plugin that extends another', function () {
  this.timeout(60_000)
  let parent: string
  let panel: TestPanel
  let visitor: Visitor
  const domain = 'notes.example'

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'nusa-notes-'))
    panel = await createTestPanel({ plugins: [sites, await writeNotes(parent)] })
    visitor = await Visitor.arrive(await sharedBrowser(), panel.url)
    const { username, password } = panel.people.admin
    await visitor.api.signIn(username, password)
    visitor.faults.expect(/^422 POST \/api\/v1\/sites$/)
  })
  after(async () => {
    await panel?.stop()
    await rm(parent, { recursive: true, force: true })
  })

  it('asks for more when a site is created, says beside its field what is wrong with it, and adds a step', async () => {
    await visitor.open('/sites/new')
    await visitor.heading('New site').waitFor()
    await visitor.page.getByRole('group', { name: 'Note' }).waitFor()
    const note = visitor.field('Note')
    await visitor.field('Domain').fill(domain)
    await note.fill('a note that is too long for its field')
    await visitor.button('Create site').click()
    await visitor.page.locator('nusa-notes-field #error').waitFor()
    expect(await note.evaluate(input => input.matches(':focus'))).to.equal(true)
    expect(await visitor.field('Domain').inputValue()).to.equal(domain)
    await inspect(visitor, 'extended-refused')
    await note.fill('selamat pagi')
    await visitor.page.getByRole('complementary').getByText('Write the note down').waitFor()
    await visitor.button('Create site').click()
    await visitor.page.getByRole('heading', { name: `${domain} is online` }).waitFor()
    await visitor.text(/^Log/).first().click()
    await visitor.text(/noted .*selamat pagi/).waitFor()
    expect((await fetchSite(panel.sites.http, domain)).status).to.equal(200)
  })

  it('has a tab on the page of the site', async () => {
    await visitor.link('Manage the site').click()
    await visitor.heading(new RegExp(domain)).waitFor()
    await visitor.page.getByRole('tab', { name: 'Note' }).click()
    const id = visitor.path.replace(/^\/sites\/|#.*$/g, '')
    await visitor.page.getByRole('heading', { name: `Note of ${id}` }).waitFor()
    await inspect(visitor, 'extended-tab')
  })

  it('takes its page, tab and navigation along when somebody switches it off elsewhere, and brings them back', async () => {
    await visitor.link('Note').click()
    await visitor.heading('Note').waitFor()
    expect((await panel.as('admin').post('/plugins/notes/disable')).status).to.equal(200)
    await visitor.heading('Page not found').waitFor()
    await inspect(visitor, 'extended-gone')
    await visitor.link('Note').waitFor({ state: 'detached' })
    expect((await panel.as('admin').post('/plugins/notes/enable')).status).to.equal(200)
    await visitor.heading('Note').waitFor()
    await visitor.link('Note').waitFor()
  })

  it('met no other error', () => visitor.leave())
})
