import { api, type Form, type FormValues, formatNumber, may, NusaElement, toast } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { changesOf, fieldText, type SettingField, type SettingsView } from './setting-values.js'
import { ownerName, settingWords, t } from './texts.js'

/** The settings of the panel, or of one plugin: a form that follows from what the server says of them. */
@customElement('nusa-settings-section')
export class SettingsSection extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h2 {
        margin-bottom: 16px;
      }
      .fields {
        display: grid;
        gap: 18px;
        max-width: 620px;
      }
      pre {
        margin: 0;
        overflow-wrap: anywhere;
        white-space: pre-wrap;
        font-size: var(--nusa-text-sm);
      }
    `,
  ]
  @property({ attribute: false }) view!: SettingsView
  @state() private changed = false
  /** A new number makes the fields new, with what is stored. */
  @state() private generation = 0
  @query('nusa-form') private form!: Form

  #save = async (values: FormValues): Promise<void> => {
    const changes = changesOf(this.view, values)
    if (changes) this.view = await api.patch<SettingsView>(`/settings/${this.view.plugin}`, changes)
    this.#reset()
    toast(t('saved', { name: ownerName(this.view.plugin) }), { tone: 'success' })
  }

  #reset = (): void => {
    this.changed = false
    this.generation++
  }

  #typed = (): void => {
    this.changed = changesOf(this.view, this.form.values) !== undefined
  }

  override render(): TemplateResult {
    const { plugin, fields } = this.view
    const name = ownerName(plugin)
    return html`<section class="panel">
      <h2>${name}</h2>
      <nusa-form label=${name} .handle=${this.#save} @nusa-change=${this.#typed}>
        ${keyed(this.generation, html`<div class="fields">${fields.map(field => this.#field(field))}</div>`)}
        ${this.#buttons()}
      </nusa-form>
    </section>`
  }

  #buttons(): TemplateResult | typeof nothing {
    if (!may('settings:write')) return nothing
    return html`<div class="row">
      <nusa-button type="submit" variant="primary" ?disabled=${!this.changed}>${t('save')}</nusa-button>
      ${this.changed ? html`<nusa-button variant="quiet" @click=${this.#reset}>${t('discard')}</nusa-button>` : nothing}
    </div>`
  }

  #field(field: SettingField): TemplateResult {
    const { plugin, values, fixed, secrets } = this.view
    const { key, kind, variable } = field
    const { label, hint } = settingWords(plugin, key)
    const disabled = fixed.includes(key) || !may('settings:write')
    const notes = [hint, fixed.includes(key) ? t('fixed', { variable }) : bounds(field)]
    const note = notes.filter(Boolean).join(' ')
    switch (kind) {
      case 'switch':
        return html`<nusa-checkbox name=${key} label=${label} hint=${note} ?checked=${values[key] === true} ?disabled=${disabled}></nusa-checkbox>`
      case 'choice':
        return html`<nusa-select
          name=${key}
          label=${label}
          hint=${note}
          .value=${fieldText(field, values[key])}
          .options=${(field.choices ?? []).map(value => ({ value, label: value }))}
          ?disabled=${disabled}
        ></nusa-select>`
      case 'secret':
        return html`<nusa-text-field
          name=${key}
          type="password"
          autocomplete="new-password"
          label=${label}
          hint=${[hint, t(secrets.includes(key) ? 'secret.set' : 'secret.unset')].filter(Boolean).join(' ')}
          ?disabled=${disabled}
        ></nusa-text-field>`
      case 'other':
        return html`<div>
          <p>${label}</p>
          <pre>${JSON.stringify(values[key] ?? null, null, 2)}</pre>
          <p class="small muted">${t('other', { command: `nusa settings ${plugin} update` })}</p>
        </div>`
      default:
        return html`<nusa-text-field
          name=${key}
          type=${kind === 'number' ? 'number' : 'text'}
          rows=${kind === 'list' ? 4 : 0}
          label=${label}
          hint=${note}
          .value=${fieldText(field, values[key])}
          ?disabled=${disabled}
        ></nusa-text-field>`
    }
  }
}

/** What a field accepts, and what holds when it is empty. */
function bounds(field: SettingField): string {
  const { kind, min, max } = field
  const fallback = fieldText(field, field.default)
  const shown = kind === 'number' && fallback ? formatNumber(Number(fallback)) : fallback
  const range =
    min !== undefined && max !== undefined ? t('range', { min: formatNumber(min), max: formatNumber(max) }) : ''
  const lines = kind === 'list' ? t('lines') : ''
  const empty = shown && kind !== 'switch' ? t('default', { value: shown.replaceAll('\n', ', ') }) : ''
  return [range, lines, empty].filter(Boolean).join(' ')
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-settings-section': SettingsSection
  }
}
