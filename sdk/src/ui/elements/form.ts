import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { hasMessage, t } from '../core/messages.js'
import { type ApiProblem, asProblem, fieldText } from '../core/problem.js'
import { Button } from './button.js'
import { Field } from './field.js'
import './callout.js'

export type FormValues = Record<string, unknown>

/**
 * A form of kit fields. `handle` gets the values (names with dots make objects: `runtime.version`). What it throws is
 * shown: bad fields beside themselves, everything else above; what was typed stays, and the focus moves to the first error.
 */
@customElement('nusa-form')
export class Form extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .fields {
        display: flex;
        flex-direction: column;
        gap: var(--nusa-space-5);
      }
      nusa-callout {
        margin-bottom: var(--nusa-space-4);
      }
    `,
  ]

  /** What tells it from other forms of the page; read by assistive technology. */
  @property() label = ''
  @property({ attribute: false }) handle?: (values: FormValues) => Promise<void>
  /** Which field a problem without fields is about, by its name; undefined for none. */
  @property({ attribute: false }) place?: (problem: ApiProblem) => string | undefined
  @state() private problem: ApiProblem | undefined
  @state() private unplaced: readonly string[] = []
  #busy = false

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener('nusa-request-submit', this.#requested)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.removeEventListener('nusa-request-submit', this.#requested)
  }

  get fields(): readonly Field[] {
    return deepFields(this)
  }

  /** What is typed now, checked or not. */
  get values(): FormValues {
    const values: FormValues = {}
    for (const field of this.fields) if (field.name && !field.disabled) put(values, field.name, field.formValue)
    return values
  }

  /** Shows errors of a check made elsewhere (a plan) beside the fields, without taking the focus. */
  showFields(problem: ApiProblem): readonly string[] {
    const fields = this.fields
    const left: string[] = []
    for (const bad of problem.fields) {
      const field = fields
        .filter(candidate => bad.path === candidate.name || bad.path.startsWith(`${candidate.name}.`))
        .sort((a, b) => b.name.length - a.name.length)[0]
      if (!field) left.push(fieldText(bad))
      // A problem that blames one field says itself what is wrong with it, and what to do.
      else if (bad.code === problem.code && !hasMessage(`field.${bad.code}`)) blame(field, problem)
      else field.error ||= fieldText(bad)
    }
    return left
  }

  #fieldOf(problem: ApiProblem): Field | undefined {
    const name = problem.fields.length ? undefined : this.place?.(problem)
    return name === undefined ? undefined : this.fields.find(field => field.name === name)
  }

  #requested = (event: Event): void => {
    event.stopPropagation()
    void this.submit()
  }

  async submit(): Promise<void> {
    if (this.#busy || !this.handle) return
    this.#setBusy(true)
    try {
      await this.#send(this.handle)
    } finally {
      this.#setBusy(false)
    }
  }

  async #send(handle: (values: FormValues) => Promise<void>): Promise<void> {
    this.problem = undefined
    this.unplaced = []
    for (const field of this.fields) {
      field.error = field.disabled ? '' : field.check()
      field.remedy = ''
    }
    if (await this.#focusFirstError()) return
    try {
      await handle(this.values)
    } catch (error) {
      this.problem = asProblem(error)
      this.unplaced = this.showFields(this.problem)
      const about = this.#fieldOf(this.problem)
      if (about) blame(about, this.problem)
      if (about || (this.problem.fields.length && !this.unplaced.length)) this.problem = undefined
      if (!(await this.#focusFirstError())) {
        await this.updateComplete
        this.renderRoot.querySelector('nusa-callout')?.focus()
      }
    }
  }

  async #focusFirstError(): Promise<boolean> {
    const first = this.fields.find(field => field.error)
    if (!first) return false
    await first.updateComplete
    first.focus()
    return true
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy
    for (const button of this.querySelectorAll('nusa-button'))
      if (button instanceof Button && button.type === 'submit') button.busy = busy
  }

  override render(): TemplateResult {
    return html`<form
      role="form"
      aria-label=${this.label || nothing}
      novalidate
      @submit=${(event: Event) => event.preventDefault()}>
      ${this.problem ? this.#problem(this.problem) : nothing}
      <div class="fields"><slot></slot></div>
    </form>`
  }

  #problem(problem: ApiProblem): TemplateResult {
    return html`<nusa-callout tone="danger" alert heading=${problem.reason || t('problem.unknown')}>
      ${this.unplaced.filter(text => !text.startsWith(problem.reason)).map(text => html`<p>${text}</p>`)} ${problem.remedy ? html`<p>${problem.remedy}</p>` : nothing}
    </nusa-callout>`
  }
}

/** Fields in the light tree below, also inside the shadow roots of what plugins put there. */
function deepFields(root: ParentNode): Field[] {
  const found: Field[] = []
  for (const element of root.querySelectorAll('*')) {
    if (element instanceof Field) found.push(element)
    else if (element.shadowRoot && !element.localName.startsWith('nusa-button'))
      found.push(...deepFields(element.shadowRoot))
  }
  return found
}

function blame(field: Field, { reason, remedy = '' }: ApiProblem): void {
  field.error = reason
  field.remedy = remedy
}

function put(values: FormValues, name: string, value: unknown): void {
  if (value === undefined) return
  const keys = name.split('.')
  const last = keys.pop() ?? name
  let target = values
  for (const key of keys) {
    target[key] ??= {}
    target = target[key] as FormValues
  }
  target[last] = value
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-form': Form
  }
}
