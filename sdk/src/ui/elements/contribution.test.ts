import { expect } from 'chai'
import { html } from 'lit'
import { setShellInfo, shellInfo } from '../core/contributions.js'
import { asProblem } from '../core/problem.js'
import type { ShellInfo } from '../core/wire.js'
import { fixture, until, useMessages } from '../testing/fixture.js'
import './contribution.js'
import './form.js'
import './text-field.js'
import type { Form } from './form.js'

/** A module of a plugin, as the panel would serve it. */
const bundle = (source: string): string => URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))

/** An element that shows its properties, and holds a field named as an extension's. */
const defines = (element: string, body = "this.textContent = 'site ' + this.siteId"): string =>
  bundle(`customElements.define('${element}', class extends HTMLElement { connectedCallback() { ${body} } })`)

const field = `this.attachShadow({ mode: 'open' }).append(
  Object.assign(document.createElement('nusa-text-field'), { name: 'extensions.tls.issuer', value: 'pebble' }))`

/** As Lit reports it. */
const failing = `customElements.define('nusa-bad-card',
  class extends HTMLElement { get updateComplete() { return Promise.reject(new Error('no data')) } })`

function contribute(info: Partial<ShellInfo>): void {
  setShellInfo({ ...shellInfo(), slots: {}, extensions: {}, bundles: {}, ...info })
}

describe('what plugins contribute', () => {
  before(() => useMessages({ shell: { 'slot.broken': 'Not available' }, tls: { 'tls.part': 'Certificate' } }))
  afterEach(() => contribute({}))

  it('fills a slot in order with the same properties, and comes and goes with its plugin', async () => {
    const slot = await fixture(html`<nusa-slot name="x.cards" .properties=${{ siteId: '7' }}></nusa-slot>`)
    expect(slot.shadowRoot?.childElementCount).to.equal(0)
    contribute({
      slots: {
        'x.cards': [
          { plugin: 'one', element: 'nusa-one-card' },
          { plugin: 'two', element: 'nusa-two-card' },
        ],
      },
      bundles: { one: defines('nusa-one-card'), two: defines('nusa-two-card') },
    })
    const shown = () => [...(slot.shadowRoot?.querySelectorAll('nusa-contribution') ?? [])]
    await until(
      'both cards',
      () => shown().filter(place => place.shadowRoot?.textContent?.includes('site 7')).length === 2,
    )
    expect(shown().map(place => place.element)).to.deep.equal(['nusa-one-card', 'nusa-two-card'])
    contribute({})
    await until('the cards to go', () => shown().length === 0)
  })

  it('loads a bundle that failed again when asked to, as often as it takes', async () => {
    const source = bundle(`globalThis.tries = (globalThis.tries ?? 0) + 1
      if (globalThis.tries < 3) throw new Error('try ' + globalThis.tries)
      customElements.define('nusa-late-card', class extends HTMLElement {
        connectedCallback() { this.textContent = 'here at last' } })`)
    contribute({ bundles: { late: source } })
    const place = await fixture(html`<nusa-contribution plugin="late" element="nusa-late-card"></nusa-contribution>`)
    const root = place.shadowRoot as ShadowRoot
    for (const reason of ['try 1', 'try 2']) {
      const failure = await until(reason, () =>
        [...root.querySelectorAll('nusa-failure')].find(each => asProblem(each.error).params.reason === reason),
      )
      failure.retry?.()
    }
    await until('the card', () => root.textContent?.includes('here at last'))
  })

  it('loads a bundle once, and not before one of its elements is shown', async () => {
    const counts = globalThis as { loads?: number }
    counts.loads = 0
    const source = `globalThis.loads++
      for (const name of ['nusa-lazy-a', 'nusa-lazy-b']) customElements.define(name, class extends HTMLElement {})`
    const entry = (element: string) => [{ plugin: 'lazy', element }]
    contribute({
      slots: {
        a: entry('nusa-lazy-a'),
        b: entry('nusa-lazy-b'),
        c: [{ plugin: 'other', element: 'nusa-other-card' }],
      },
      bundles: { lazy: bundle(source), other: defines('nusa-other-card') },
    })
    const other = await fixture(html`<nusa-slot name="c" .properties=${{ siteId: '9' }}></nusa-slot>`)
    await until('the bundle of another', () =>
      other.shadowRoot?.querySelector('nusa-contribution')?.shadowRoot?.textContent?.includes('site 9'),
    )
    expect(counts.loads).to.equal(0)
    const both = await fixture(html`<div><nusa-slot name="a"></nusa-slot><nusa-slot name="b"></nusa-slot></div>`)
    const place = (name: string) =>
      both.querySelector(`[name=${name}]`)?.shadowRoot?.querySelector('nusa-contribution')?.shadowRoot
    await until('both', () => place('a')?.querySelector('nusa-lazy-a') && place('b')?.querySelector('nusa-lazy-b'))
    expect(counts.loads).to.equal(1)
  })

  for (const [how, source] of [
    ['has a bundle that throws', "throw new Error('no disk')"],
    ['does not define its element', 'export {}'],
    ['has an element that fails at its first rendering', failing],
  ] as const)
    it(`breaks its own place only when its plugin ${how}`, async () => {
      contribute({
        slots: {
          mixed: [
            { plugin: 'bad', element: 'nusa-bad-card' },
            { plugin: 'good', element: 'nusa-good-card' },
          ],
        },
        bundles: { bad: bundle(source), good: defines('nusa-good-card') },
      })
      for (const compact of [false, true]) {
        const slot = await fixture(
          html`<nusa-slot name="mixed" ?compact=${compact} .properties=${{ siteId: '8' }}></nusa-slot>`,
        )
        const [bad, good] = slot.shadowRoot?.querySelectorAll('nusa-contribution') ?? []
        await until('the failure', () => bad?.shadowRoot?.querySelector(compact ? 'nusa-badge' : 'nusa-failure'))
        await until('the other', () => good?.shadowRoot?.textContent?.includes('site 8'))
      }
    })

  it('adds fields to a form below its heading, and the form sends them', async () => {
    contribute({
      extensions: {
        'x.create': [
          { plugin: 'tls', key: 'tls', element: 'nusa-tls-part', title: { code: 'tls.part' } },
          { plugin: 'lost', key: 'lost', element: 'nusa-lost-part' },
        ],
      },
      bundles: { tls: defines('nusa-tls-part', field) },
    })
    const form = await fixture<Form>(html`<nusa-form><nusa-extensions name="x.create"></nusa-extensions></nusa-form>`)
    await until('the field', () => form.fields.length === 1)
    expect(form.values).to.deep.equal({ extensions: { tls: { issuer: 'pebble' } } })
    const places = form.querySelector('nusa-extensions')?.shadowRoot?.querySelectorAll('fieldset')
    expect(places?.[0]?.querySelector('legend')?.textContent).to.equal('Certificate')
    await until('the failure', () =>
      places?.[1]?.querySelector('nusa-contribution')?.shadowRoot?.querySelector('nusa-failure'),
    )
  })
})
