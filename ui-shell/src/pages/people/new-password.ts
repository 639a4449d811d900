import { api, NusaElement, type TextField } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { judge, type PasswordRules, randomPassword } from './password-rules.js'
import { t } from './texts.js'

/**
 * A field for a new password, named `password`, with what the panel will ask of it, told while it is typed. What attackers try
 * first the panel alone knows, and says when it is sent.
 */
@customElement('nusa-new-password')
export class NewPassword extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      ul {
        margin-top: 8px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      li {
        display: flex;
        gap: 7px;
        align-items: flex-start;
        padding: 1px 0;
      }
      li nusa-icon {
        margin-top: 3px;
        flex: none;
      }
      .met nusa-icon {
        color: var(--nusa-success);
      }
      .tools {
        display: flex;
        gap: 4px;
        margin-top: 6px;
      }
    `,
  ]
  @property() label = ''
  @property() username = ''
  /** Whoever it is for has a second factor. */
  @property({ type: Boolean }) totp = false
  /** Offers to make one: for somebody else, who changes it later. */
  @property({ type: Boolean }) generate = false
  @state() private rules: PasswordRules | undefined
  @state() private typed = ''
  @state() private made = false
  @query('nusa-text-field') private field!: TextField

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    try {
      this.rules = await api.get<PasswordRules>('/auth/password')
    } catch {
      // The refusal says them.
    }
  }

  override focus(options?: FocusOptions): void {
    this.field.focus(options)
  }

  #make = async (): Promise<void> => {
    this.typed = randomPassword()
    this.made = true
    await this.updateComplete
    this.field.error = ''
    this.field.focus()
  }

  override render(): TemplateResult {
    return html`<nusa-text-field
        name="password"
        type="password"
        label=${this.label}
        autocomplete="new-password"
        required
        ?revealed=${this.made}
        .value=${this.typed}
        @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
          this.typed = event.detail.value ?? ''
        }}
      ></nusa-text-field>
      ${
        this.generate
          ? html`<div class="tools">
            <nusa-button small icon="refresh" @click=${this.#make}>${t('password.generate')}</nusa-button>
            ${this.made && this.typed ? html`<nusa-copy value=${this.typed} label=${t('password.copy')}></nusa-copy>` : nothing}
          </div>`
          : nothing
      }
      ${this.rules ? this.#rules(this.rules) : nothing}`
  }

  #rules({ min: alone, minWithTotp, max }: PasswordRules): TemplateResult {
    const min = this.totp ? minWithTotp : alone
    const met = judge(this.typed, { username: this.username, min, max })
    return html`<ul aria-label=${t('password.rules')}>
      ${this.#rule(met.length, t('password.rule.length', { min, count: [...this.typed].length }))}
      ${this.#rule(met.name, t('password.rule.name'))}
      <li><nusa-icon name="info"></nusa-icon>${t('password.rule.common')}</li>
    </ul>`
  }

  #rule(met: boolean, text: string): TemplateResult {
    return html`<li class=${met ? 'met' : ''}>
      <nusa-icon name=${met ? 'check-circle' : 'circle'}></nusa-icon>
      <span>${text}<span class="visually-hidden"> (${t(met ? 'password.met' : 'password.unmet')})</span></span>
    </li>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-new-password': NewPassword
  }
}
