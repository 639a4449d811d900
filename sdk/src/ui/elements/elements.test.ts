import axe from 'axe-core'
import { expect } from 'chai'
import { html } from 'lit'
import { fixture, until, useMessages } from '../testing/fixture.js'
import '../index.js'
import { coverDialogs, type Dialog } from './dialog.js'
import { diffLines, diffSize } from './diff.js'
import type { Menu } from './menu.js'
import type { Select } from './select.js'
import type { Tabs } from './tabs.js'

const plan = {
  hash: 'h',
  steps: [{ name: 'a', summary: 'Do this' }],
  files: [
    { path: '/etc/x.conf', action: 'modify', diff: '--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new <b>\n', drift: { diff: '' } },
  ],
  operations: [{ operation: 'run' }],
  packages: [],
  services: [{ service: 'web', verb: 'reload' }],
  late: true,
}

async function violations(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
  return violations.map(violation => `${violation.id}: ${violation.nodes.map(node => node.html).join(' ')}`)
}

describe('the kit’s elements', () => {
  before(() => useMessages({ shell: {} }))

  it('read a diff as added, removed and common lines, without its file headers', () => {
    const { diff } = plan.files[0] as { diff: string }
    expect(diffLines(diff).map(line => line.kind)).to.deep.equal(['hunk', 'del', 'add'])
    expect(diffSize(diff)).to.deep.equal({ added: 1, removed: 1 })
  })

  it('show every line of a diff that a change takes away or adds, whatever it begins with', () => {
    const diff =
      '--- a\n+++ b\n@@ -1,2 +1,2 @@\n--- a comment of SQL\n+++ another\n-diff old\n+Index: new\n same\n\\ No newline at end of file\n'
    expect(diffSize(diff)).to.deep.equal({ added: 2, removed: 2 })
    expect(diffLines(diff).map(line => line.text)).to.include.members(['--- a comment of SQL', '+++ another'])
  })

  it('show a plan with its texts as texts, and name files that were edited by hand', async () => {
    const sheet = await fixture(html`<nusa-plan .plan=${plan} expanded></nusa-plan>`)
    const root = sheet.shadowRoot as ShadowRoot
    const diff = await until('the diff', () => root.querySelector('nusa-diff')?.shadowRoot?.querySelector('.add'))
    expect(diff.textContent).to.equal('+new <b>')
    expect(diff.querySelectorAll('b').length).to.equal(0)
    expect([...diff.querySelectorAll('i')].map(part => `${part.className} ${part.textContent}`)).to.deep.equal([
      'name new',
    ])
    expect(root.querySelector('nusa-callout')).to.not.equal(null)
  })

  it('tell packages that are new from those that are upgraded', async () => {
    await useMessages({ shell: { 'plan.package.upgrade': '{name} is upgraded' } })
    const packages = [
      { name: 'tool', version: '1.0', action: 'install' },
      { name: 'library', version: '3.0', action: 'upgrade' },
    ]
    const sheet = await fixture(html`<nusa-plan .plan=${{ ...plan, packages }}></nusa-plan>`)
    const shown = [...(sheet.shadowRoot?.querySelectorAll('.things li') ?? [])].map(each => each.textContent)
    expect(shown).to.include.members(['tool 1.0', 'library 3.0 is upgraded'])
  })

  it('pass axe', async () => {
    const page = await fixture(html`<main>
      <nusa-page heading="Things">
        <nusa-button slot="actions" variant="primary" icon="plus">New</nusa-button>
        <nusa-text-field label="Name" hint="A hint" error="An error"></nusa-text-field>
        <nusa-select label="Kind" .options=${[{ value: 'a', label: 'A' }]}></nusa-select>
        <nusa-radio-cards label="Which" value="a" .options=${[{ value: 'a', label: 'A', description: 'The first' }]}></nusa-radio-cards>
        <nusa-checkbox label="Sure"></nusa-checkbox>
        <nusa-plan .plan=${plan}></nusa-plan>
        <nusa-table label="Rows" .rows=${[1]} .columns=${[{ id: 'n', label: 'N', cell: (row: number) => row }]}></nusa-table>
        <nusa-job-badge state="failed"></nusa-job-badge>
        <nusa-empty icon="globe" heading="Nothing"></nusa-empty>
      </nusa-page>
    </main>`)
    await until('the table', () => page.querySelector('nusa-table')?.shadowRoot?.querySelector('td'))
    expect(await violations(page)).to.deep.equal([])
  })

  it('move between tabs by the arrow keys and take the focus along', async () => {
    const tabs = await fixture<Tabs>(
      html`<nusa-tabs .tabs=${[{ id: 'a', label: 'A' }, { id: 'b', label: 'B' }]} active="a"></nusa-tabs>`,
    )
    const list = tabs.renderRoot.querySelector('[role=tablist]') as HTMLElement
    list.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }))
    await until('the second tab', () => tabs.shadowRoot?.activeElement?.id === 'tab-b')
    expect(tabs.active).to.equal('b')
  })

  it('open a menu with the focus on its first entry, and give the focus back on Escape', async () => {
    let ran = 0
    const menu = await fixture<Menu>(
      html`<nusa-menu label="More" .items=${[{ label: 'Run', run: () => ran++ }]}></nusa-menu>`,
    )
    const trigger = menu.renderRoot.querySelector('nusa-button') as HTMLElement
    trigger.shadowRoot?.querySelector('button')?.click()
    const entry = await until(
      'the entry',
      () => menu.shadowRoot?.activeElement?.closest('[role=menuitem]') as HTMLElement | null,
    )
    entry.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    await until('the menu to close', () => !menu.renderRoot.querySelector('[role=menu]'))
    expect(menu.shadowRoot?.activeElement).to.equal(trigger)
    expect(ran).to.equal(0)
  })

  it('show in a list of choices what is set, also after the reader chose', async () => {
    const options = ['a', 'b'].map(value => ({ value, label: value }))
    const select = await fixture<Select>(html`<nusa-select label="Kind" value="a" .options=${options}></nusa-select>`)
    const native = select.renderRoot.querySelector('select') as HTMLSelectElement
    native.value = 'b'
    native.dispatchEvent(new Event('change'))
    await select.updateComplete
    select.value = 'a'
    await select.updateComplete
    expect(native.value).to.equal('a')
  })

  it('keep a dialog open when the pointer is let go beside it, and close it when pressed there, too', async () => {
    const dialog = await fixture<Dialog>(html`<nusa-dialog open heading="Sure?">Text</nusa-dialog>`)
    const native = dialog.renderRoot.querySelector('dialog') as HTMLDialogElement
    native.querySelector('h2')?.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
    native.dispatchEvent(new MouseEvent('click', { bubbles: true }))
    expect(native.open).to.equal(true)
    native.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
    native.dispatchEvent(new MouseEvent('click', { bubbles: true }))
    expect(native.open).to.equal(false)
  })

  it('let dialogs step aside for what covers the page, open for their owners and as they were after', async () => {
    let closed = 0
    const page = await fixture(html`<div @nusa-close=${() => closed++}>
      <nusa-dialog open heading="Sure?"><input /></nusa-dialog>
      <nusa-dialog heading="Later"></nusa-dialog>
    </div>`)
    const [first, later] = [...page.querySelectorAll('nusa-dialog')] as [Dialog, Dialog]
    const native = ({ renderRoot }: Dialog) => renderRoot.querySelector('dialog') as HTMLDialogElement
    await until('the dialog', () => native(first).open)
    const field = page.querySelector('input') as HTMLInputElement
    field.value = 'typed'
    try {
      coverDialogs(true)
      expect(native(first).open).to.equal(false)
      later.open = true
      await later.updateComplete
      expect(native(later).open).to.equal(false)
      // The browser tells that it closed one in a task of its own.
      await new Promise(resolve => setTimeout(resolve, 50))
      expect([first.open, closed]).to.deep.equal([true, 0])
    } finally {
      coverDialogs(false)
    }
    expect([native(first).matches(':modal'), native(later).matches(':modal')]).to.deep.equal([true, true])
    expect(field.value).to.equal('typed')
    native(later).close()
    await until('the event', () => closed === 1)
    page.remove()
  })

  it('close a dialog by Escape once, and say so', async () => {
    let closed = 0
    const dialog = await fixture<Dialog>(
      html`<nusa-dialog open heading="Sure?" @nusa-close=${() => closed++}>Text</nusa-dialog>`,
    )
    const native = dialog.renderRoot.querySelector('dialog') as HTMLDialogElement
    expect(native.open).to.equal(true)
    native.close()
    await until('the event', () => closed === 1)
    expect(dialog.open).to.equal(false)
  })

  it('tell a broken bundle of a plugin on its own page', async () => {
    const contribution = await fixture(html`<nusa-contribution plugin="none" element="nusa-none"></nusa-contribution>`)
    await until('the failure', () => contribution.shadowRoot?.querySelector('nusa-failure'))
  })
})
