import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestPanel } from '@nusantara/kernel/testing'
import type { TestPanel } from '@nusantara/sdk/testing'
import { inspect } from './inspect.js'
import { Visitor } from './visitor.js'
import { sharedBrowser } from './world.js'

/** A plugin as its package would be installed, that adds a section to the page of one's account. */
async function writePlugin(parent: string, id: string, bundle: string): Promise<string> {
  const directory = join(parent, id)
  await mkdir(join(directory, 'dist', 'ui'), { recursive: true })
  const nusantara = {
    id,
    api: '^1',
    displayName: { en: id },
    capabilities: ['ui'],
    entry: { server: './dist/index.js', ui: './dist/ui/index.js' },
  }
  const server = `import { kernelSlots } from '${import.meta.resolve('@nusantara/sdk')}'
    export default { start(ctx) {
      ctx.ui.fill(kernelSlots.account.sections, { element: 'nusa-' + ctx.id + '-section', permission: 'authenticated' })
    } }`
  await writeFile(
    join(directory, 'package.json'),
    JSON.stringify({ name: id, version: '1.0.0', type: 'module', nusantara }),
  )
  await writeFile(join(directory, 'dist', 'index.js'), server)
  await writeFile(join(directory, 'dist', 'ui', 'index.js'), bundle)
  return directory
}

describe('journey: what plugins add to pages', function () {
  this.timeout(60_000)
  let parent: string
  let panel: TestPanel
  let visitor: Visitor

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'nusa-parts-'))
    const good = `import { html } from 'lit'
      import { NusaElement, session } from '@nusantara/sdk/ui'
      customElements.define('nusa-good-section', class extends NusaElement {
        render() { return html\`<section class="panel"><h2>Keys of \${session().user.username}</h2></section>\` }
      })`
    const plugins = [
      await writePlugin(parent, 'broken', "throw new Error('no disk')"),
      await writePlugin(parent, 'good', good),
    ]
    panel = await createTestPanel({ plugins, broker: false })
    visitor = await Visitor.arrive(await sharedBrowser(), panel.url)
    const { username, password } = panel.people.admin
    await visitor.api.signIn(username, password)
  })
  after(async () => {
    await panel?.stop()
    await rm(parent, { recursive: true, force: true })
  })

  it('is shown with the page’s own Lit and kit, and a broken one says so in its own place', async () => {
    visitor.faults.expect(/no disk/)
    await visitor.open('/account#preferences')
    await visitor.page.getByRole('heading', { name: 'Keys of admin' }).waitFor()
    await visitor.page.getByRole('alert').getByText('The pages of the plugin broken cannot be shown.').waitFor()
    await visitor.page.getByRole('heading', { name: 'Display' }).waitFor()
    await inspect(visitor, 'account-contributions')
  })

  it('goes with its plugin, at once', async () => {
    await visitor.api.post('/plugins/broken/disable')
    await visitor.page.reload()
    await visitor.page.getByRole('heading', { name: 'Keys of admin' }).waitFor()
    await visitor.page.getByRole('alert').waitFor({ state: 'detached' })
  })

  it('met no other error', () => visitor.leave())
})
