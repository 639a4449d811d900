import { ApiProblem } from '@nusantara/sdk/ui'
import { fixture, until, useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { html } from 'lit'
import './ask.js'
import type { Ask, Question } from './ask.js'

describe('a question before something is destroyed', () => {
  let ran: number
  before(() => useMessages({ shell: { 'problem.last': 'The last one stays', 'confirm.label': 'Type {name}' } }))
  beforeEach(() => {
    ran = 0
  })
  afterEach(() => document.body.replaceChildren())

  const ask = async (question: Partial<Question> = {}) => {
    const asked = {
      heading: 'Delete?',
      text: 'It is gone then.',
      action: 'Delete',
      run: async () => void ran++,
      ...question,
    }
    const element = await fixture<Ask>(html`<nusa-ask .question=${asked}></nusa-ask>`)
    const root = element.shadowRoot as ShadowRoot
    const button = await until('its button', () => root.querySelector<HTMLElement>('nusa-button:last-of-type'))
    return { element, root, press: () => button.shadowRoot?.querySelector('button')?.click() }
  }
  const type = async (root: ShadowRoot, element: Ask, text: string) => {
    const field = root.querySelector('nusa-text-field')?.shadowRoot?.querySelector('input') as HTMLInputElement
    field.value = text
    field.dispatchEvent(new Event('input', { composed: true }))
    await element.updateComplete
    return field
  }

  it('wants the name of what is destroyed, and takes Enter for the button', async () => {
    const { element, root, press } = await ask({ name: 'rani' })
    press()
    await type(root, element, 'ran')
    press()
    expect(ran).to.equal(0)
    const field = await type(root, element, 'rani')
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', composed: true }))
    await until('it to be done', () => ran === 1)
    await until('it to close', () => element.question === undefined)
  })

  it('stays open with the refusal', async () => {
    const run = () => Promise.reject(new ApiProblem({ status: 409, code: 'last' }))
    const { element, root, press } = await ask({ run })
    press()
    const callout = await until('the refusal', () => root.querySelector('nusa-callout'))
    expect(callout.getAttribute('heading')).to.equal('The last one stays')
    expect(element.question).not.to.equal(undefined)
  })
})
