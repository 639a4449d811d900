import { fixture, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html, render } from 'lit'
import './checklist.js'
import type { Checklist, ChoiceGroup } from './checklist.js'

const groups: readonly ChoiceGroup[] = [
  {
    label: 'Panel',
    choices: [
      { value: 'a', label: 'See users', note: 'users:read' },
      { value: 'b', label: 'Change users', note: 'users:write', warning: 'High risk' },
      { value: 'c', label: 'Fixed', disabled: true },
    ],
  },
  { label: 'Sites', choices: 'defghij'.split('').map(value => ({ value, label: `Site ${value}` })) },
]

describe('a checklist', () => {
  before(() =>
    useMessages({
      shell: {
        'checklist.all': 'All',
        'checklist.none': 'None',
        'checklist.required': 'Choose one',
        'checklist.more': '{count} more',
      },
    }),
  )
  afterEach(() => document.body.replaceChildren())

  const view = (list: Checklist) => list.shadowRoot as ShadowRoot
  const boxes = (list: Checklist) => [...view(list).querySelectorAll<HTMLInputElement>('input[type=checkbox]')]
  const toggle = (list: Checklist, value: string) =>
    boxes(list)
      .find(box => box.value === value)
      ?.click()
  const search = async (list: Checklist, text: string) => {
    const field = view(list).querySelector<HTMLInputElement>('.search') as HTMLInputElement
    field.value = text
    field.dispatchEvent(new Event('input'))
    await list.updateComplete
  }
  const template = (chosen: readonly string[]) =>
    html`<nusa-checklist label="May" required .chosen=${chosen} .groups=${groups}></nusa-checklist>`

  it('has what was chosen for a value, also while a search hides it', async () => {
    const list = await fixture<Checklist>(template(['c']))
    toggle(list, 'a')
    await search(list, 'WRITE')
    expect(boxes(list).map(({ value }) => value)).to.deep.equal(['b'])
    toggle(list, 'b')
    expect(list.formValue).to.deep.equal(['c', 'a', 'b'])
    await search(list, 'nothing of the kind')
    expect(boxes(list)).to.deep.equal([])
  })

  it('chooses all of a group and none of it, and leaves alone what is fixed', async () => {
    const list = await fixture<Checklist>(template(['c', 'd']))
    const all = () => view(list).querySelector<HTMLButtonElement>('.group button') as HTMLButtonElement
    all().click()
    await list.updateComplete
    expect(list.formValue).to.deep.equal(['c', 'd', 'a', 'b'])
    expect(all().textContent?.trim()).to.equal('None')
    all().click()
    expect(list.formValue).to.deep.equal(['c', 'd'])
  })

  it('keeps what was chosen when it is drawn again, until it is given something else', async () => {
    const list = await fixture<Checklist>(template(['a']))
    const again = async (chosen: readonly string[]) => {
      render(template(chosen), list.parentElement as HTMLElement)
      await list.updateComplete
    }
    toggle(list, 'b')
    await again(['a'])
    expect(list.formValue).to.deep.equal(['a', 'b'])
    await again(['d'])
    expect(list.formValue).to.deep.equal(['d'])
    expect(list.check()).to.equal('')
    toggle(list, 'd')
    expect(list.check()).to.equal('Choose one')
  })

  it('stays quick with thousands of choices, of which the search finds each', async () => {
    const many = [
      { choices: Array.from({ length: 5000 }, (_, index) => ({ value: `${index}`, label: `user ${index}` })) },
    ]
    const list = await fixture<Checklist>(html`<nusa-checklist label="Members" .groups=${many}></nusa-checklist>`)
    expect(boxes(list)).to.have.length(100)
    expect(view(list).textContent).to.contain('4900 more')
    await search(list, 'user 4321')
    await until('the one', () => boxes(list).length === 1)
  })
})
