import { api, may, NusaElement, navigate, session, toast } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './ask.js'
import type { Question } from './ask.js'
import type { UserEntry } from './entries.js'
import { formStyles } from './form-styles.js'
import { t } from './texts.js'
import './user-badge.js'
import './user-form.js'
import './user-sign-in.js'

/** One user: name, roles and accounts; how they sign in; and their end. */
@customElement('nusa-user-page')
export class UserPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    formStyles,
    css`
      .act:first-of-type {
        border-top: 0;
        padding-top: 0;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private user: UserEntry | undefined
  @state() private error: unknown
  @state() private question: Question | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load = async (): Promise<void> => {
    try {
      this.user = await api.get<UserEntry>(`/users/${this.params.id}`)
      this.error = undefined
    } catch (error) {
      this.error = error
    }
  }

  get #self(): boolean {
    return this.user?.id === session().user?.id
  }

  override render(): TemplateResult {
    const { user } = this
    return html`<nusa-page narrow heading=${user?.username ?? t('user.heading')} back="/people" backLabel=${t('people.heading')}>
      ${user ? html`<nusa-user-badge slot="badge" state=${user.disabled ? 'disabled' : 'active'}></nusa-user-badge>` : nothing}
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : user
            ? this.#body(user)
            : html`<nusa-skeleton lines="8"></nusa-skeleton>`
      }
      <nusa-ask
        .question=${this.question}
        @nusa-close=${() => {
          this.question = undefined
        }}
      ></nusa-ask>
    </nusa-page>`
  }

  #body(user: UserEntry): TemplateResult {
    return html`<div class="stack">
      ${this.#self ? html`<nusa-callout tone="info" heading=${t('user.self')}><p>${t('user.self.text')} <a href="/account">${t('user.self.link')}</a></p></nusa-callout>` : nothing}
      <nusa-user-form
        .user=${user}
        @nusa-saved=${(event: CustomEvent<UserEntry>) => {
          this.user = event.detail
        }}
      ></nusa-user-form>
      <nusa-user-sign-in .user=${user} ?self=${this.#self} @nusa-changed=${this.#load}></nusa-user-sign-in>
      ${may('users:write') && !this.#self ? this.#end(user) : nothing}
    </div>`
  }

  #end(user: UserEntry): TemplateResult {
    const { disabled } = user
    return html`<section class="panel">
      <h2>${t('user.end')}</h2>
      <div class="act">
        <div class="what">
          <h3>${t(disabled ? 'user.enable' : 'user.disable')}</h3>
          <p>${t(disabled ? 'user.enable.text' : 'user.disable.text')}</p>
        </div>
        <nusa-button icon=${disabled ? 'play' : 'pause'} @click=${() => this.#askToSwitch(user)}
          >${t(disabled ? 'user.enable' : 'user.disable')}</nusa-button
        >
      </div>
      <div class="act">
        <div class="what">
          <h3>${t('user.delete')}</h3>
          <p>${t('user.delete.text')}</p>
        </div>
        <nusa-button icon="trash" @click=${() => this.#askToDelete(user)}>${t('user.delete')}</nusa-button>
      </div>
    </section>`
  }

  #askToSwitch({ id, username: name, disabled }: UserEntry): void {
    this.question = {
      heading: t(disabled ? 'user.enable.heading' : 'user.disable.heading', { name }),
      text: t(disabled ? 'user.enable.text' : 'user.disable.text'),
      action: t(disabled ? 'user.enable' : 'user.disable'),
      danger: !disabled,
      run: async () => {
        this.user = await api.patch<UserEntry>(`/users/${id}`, { disabled: !disabled })
        toast(t(disabled ? 'user.enabled' : 'user.disabled', { name }), { tone: 'success' })
      },
    }
  }

  #askToDelete({ id, username: name }: UserEntry): void {
    this.question = {
      heading: t('user.delete.heading', { name }),
      text: t('user.delete.text'),
      name,
      action: t('user.delete'),
      danger: true,
      run: async () => {
        await api.delete(`/users/${id}`)
        toast(t('user.deleted', { name }), { tone: 'success' })
        navigate('/people')
      },
    }
  }
}
