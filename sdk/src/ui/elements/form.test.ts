import { expect } from 'chai'
import { html } from 'lit'
import { ApiProblem } from '../core/problem.js'
import { fixture, until, useMessages } from '../testing/fixture.js'
import type { Button } from './button.js'
import type { Form, FormValues } from './form.js'
import './checkbox.js'
import './form.js'
import './text-field.js'
import type { TextField } from './text-field.js'

const refused = (fields: readonly { path: string; code: string; message: string }[], code = 'invalid_input') =>
  new ApiProblem({ status: 422, code, message: 'not valid', remedy: 'correct it', fields })

async function form(handle: (values: FormValues) => Promise<void>): Promise<Form> {
  return fixture<Form>(html`<nusa-form .handle=${handle}>
    <nusa-text-field name="domain" label="Domain" value="a.test" required></nusa-text-field>
    <nusa-text-field name="runtime.target" label="Target" value="x"></nusa-text-field>
    <nusa-checkbox name="runtime.keepPath" label="Keep" checked></nusa-checkbox>
    <nusa-button type="submit">Go</nusa-button>
  </nusa-form>`)
}

const field = (of: Form, name: string) => of.querySelector(`[name="${name}"]`) as TextField

describe('a form', () => {
  before(() => useMessages({ shell: { 'field.required': 'Fill in this field.', 'field.optional': '(optional)' } }))

  it('hands over its values, nested by the dots in their names', async () => {
    let got: FormValues = {}
    const element = await form(async values => {
      got = values
    })
    await element.submit()
    expect(got).to.deep.equal({ domain: 'a.test', runtime: { target: 'x', keepPath: true } })
  })

  it('does not send what is required and empty; says so beside the field and focuses it', async () => {
    let sent = 0
    const element = await form(async () => {
      sent++
    })
    field(element, 'domain').value = ''
    await element.submit()
    expect(sent).to.equal(0)
    expect(field(element, 'domain').error).to.equal('Fill in this field.')
    expect(document.activeElement).to.equal(field(element, 'domain'))
  })

  it('shows the server’s field errors beside their fields, keeps what was typed, and ties them for assistive technology', async () => {
    const element = await form(() =>
      Promise.reject(refused([{ path: 'runtime.target.0', code: 'bad', message: 'no such target' }])),
    )
    await element.submit()
    const target = field(element, 'runtime.target')
    await target.updateComplete
    const input = target.renderRoot.querySelector('input') as HTMLInputElement
    expect(target.value).to.equal('x')
    expect(input.getAttribute('aria-invalid')).to.equal('true')
    expect(target.renderRoot.querySelector(`#${input.getAttribute('aria-describedby')}`)?.textContent).to.contain(
      'no such target',
    )
    expect(element.renderRoot.querySelector('nusa-callout')).to.equal(null)
  })

  it('shows cause and remedy beside the one field that the whole problem blames, until it is changed', async () => {
    const element = await form(() =>
      Promise.reject(refused([{ path: 'domain', code: 'name_taken', message: 'not valid correct it' }], 'name_taken')),
    )
    await element.submit()
    const domain = field(element, 'domain')
    expect([domain.error, domain.remedy]).to.deep.equal(['not valid', 'correct it'])
    await domain.updateComplete
    expect(domain.renderRoot.querySelector('#error .remedy')?.textContent).to.equal('correct it')
    expect(element.renderRoot.querySelector('nusa-callout')).to.equal(null)
    const input = domain.renderRoot.querySelector('input') as HTMLInputElement
    input.value = 'b.test'
    input.dispatchEvent(new Event('input'))
    expect([domain.error, domain.remedy]).to.deep.equal(['', ''])
  })

  it('shows cause and remedy of everything else above, announced and focused', async () => {
    const element = await form(() => Promise.reject(refused([{ path: 'elsewhere', code: 'bad', message: 'odd one' }])))
    await element.submit()
    const callout = await until('the callout', () => element.renderRoot.querySelector('nusa-callout'))
    expect(callout.heading).to.equal('not valid')
    expect(callout.textContent).to.contain('odd one').and.to.contain('correct it')
    expect(callout.renderRoot.querySelector('[role=alert]')).to.not.equal(null)
  })

  it('is sent once while it works, by its button or by Enter', async () => {
    let sent = 0
    let finish = () => {}
    const element = await form(() => {
      sent++
      return new Promise(resolve => {
        finish = resolve
      })
    })
    const input = field(element, 'domain').renderRoot.querySelector('input') as HTMLInputElement
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true }))
    const button = element.querySelector('nusa-button') as Button
    expect(button.busy).to.equal(true)
    await button.updateComplete
    button.renderRoot.querySelector('button')?.click()
    expect(sent).to.equal(1)
    finish()
    await until('the button to rest', () => !button.busy)
  })
})
