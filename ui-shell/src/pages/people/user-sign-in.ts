import { api, type FormValues, may, NusaElement, PagedList, toast } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './ask.js'
import type { Question } from './ask.js'
import type { UserEntry } from './entries.js'
import { formStyles } from './form-styles.js'
import './new-password.js'
import { type SessionEntry, sessionColumns } from './session-columns.js'
import { t } from './texts.js'

/** How a user signs in and where they are signed in, and what helps who lost a password or a phone. */
@customElement('nusa-user-sign-in')
export class UserSignIn extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    formStyles,
    css`
      dl {
        margin-bottom: 18px;
      }
      .head {
        margin: 18px 0 10px;
      }
      nusa-dialog p {
        margin-bottom: 14px;
      }
    `,
  ]
  @property({ attribute: false }) user!: UserEntry
  @property({ type: Boolean }) self = false
  @state() private question: Question | undefined
  @state() private setting = false
  readonly #sessions: PagedList<SessionEntry>

  constructor() {
    super()
    const path = () => `/users/${this.user.id}/sessions`
    this.#sessions = new PagedList<SessionEntry>(this, {
      get path() {
        return path()
      },
      whole: true,
      key: session => session.id,
    })
  }

  /** Disabling or a new password ended them. */
  protected override updated(changed: PropertyValues<this>): void {
    if (changed.get('user')) void this.#sessions.load()
  }

  get #mayHelp(): boolean {
    return may('users:write') && !this.self
  }

  override render(): TemplateResult {
    const { user } = this
    const never = html`<span class="muted">${t('user.last-sign-in.never')}</span>`
    return html`<section class="panel">
      <h2>${t('user.sign-in')}</h2>
      <dl>
        <div>
          <dt>${t('user.last-sign-in')}</dt>
          <dd>${user.lastSignInAt ? html`<nusa-time value=${user.lastSignInAt}></nusa-time>` : never}</dd>
        </div>
        <div>
          <dt>${t('user.totp')}</dt>
          <dd>
            <nusa-badge tone=${user.totp ? 'success' : 'neutral'} icon=${user.totp ? 'shield' : 'pause'}
              >${t(user.totp ? 'user.totp.on' : 'user.totp.off')}</nusa-badge
            >
          </dd>
        </div>
        <div>
          <dt>${t('user.created')}</dt>
          <dd><nusa-time value=${user.createdAt}></nusa-time></dd>
        </div>
      </dl>
      ${this.#mayHelp ? this.#help(user) : nothing} ${this.#where(user)} ${this.#passwordDialog(user)}
      <nusa-ask
        .question=${this.question}
        @nusa-close=${() => {
          this.question = undefined
        }}
      ></nusa-ask>
    </section>`
  }

  #help(user: UserEntry): TemplateResult {
    return html`<div class="row">
      <nusa-button
        icon="key"
        @click=${() => {
          this.setting = true
        }}
        >${t('user.password.set')}</nusa-button
      >
      ${user.totp ? html`<nusa-button icon="shield" @click=${() => this.#askToRemoveFactor(user)}>${t('user.totp.remove')}</nusa-button>` : nothing}
    </div>`
  }

  #where(user: UserEntry): TemplateResult {
    const { items, error, load } = this.#sessions
    return html`<div class="spread head">
        <h3>${t('user.sessions')}</h3>
        ${
          this.#mayHelp && items?.length
            ? html`<nusa-button small icon="sign-out" @click=${() => this.#askToEndSessions(user)}>${t('user.sessions.end')}</nusa-button>`
            : nothing
        }
      </div>
      ${
        error
          ? html`<nusa-failure .error=${error} .retry=${load}></nusa-failure>`
          : items?.length === 0
            ? html`<p class="muted">${t('user.sessions.none')}</p>`
            : html`<nusa-table
              label=${t('user.sessions')}
              .rows=${items}
              .columns=${sessionColumns()}
              .rowKey=${(session: SessionEntry) => session.id}
            ></nusa-table>`
      }`
  }

  #setPassword = async ({ password }: FormValues): Promise<void> => {
    await api.post(`/users/${this.user.id}/password`, { password })
    this.setting = false
    toast(t('user.password.done', { name: this.user.username }), { tone: 'success' })
    this.emit('nusa-changed')
  }

  #passwordDialog({ username, totp }: UserEntry): TemplateResult {
    return html`<nusa-dialog
      heading=${t('user.password.heading', { name: username })}
      ?open=${this.setting}
      @nusa-close=${() => {
        this.setting = false
      }}
    >
      ${
        this.setting
          ? html`<p>${t('user.password.text')}</p>
            <nusa-form label=${t('user.password.heading', { name: username })} .handle=${this.#setPassword}>
              <nusa-new-password
                generate
                autofocus
                label=${t('password.new')}
                username=${username}
                ?totp=${totp}
              ></nusa-new-password>
              <div class="row">
                <nusa-button variant="primary" type="submit">${t('user.password.set')}</nusa-button>
              </div>
            </nusa-form>`
          : nothing
      }
    </nusa-dialog>`
  }

  #askToRemoveFactor({ id, username: name }: UserEntry): void {
    this.question = {
      heading: t('user.totp.remove.heading', { name }),
      text: t('user.totp.remove.text'),
      action: t('user.totp.remove'),
      danger: true,
      run: async () => {
        await api.delete(`/users/${id}/totp`)
        toast(t('user.totp.removed', { name }), { tone: 'success' })
        this.emit('nusa-changed')
      },
    }
  }

  #askToEndSessions({ id, username: name }: UserEntry): void {
    this.question = {
      heading: t('user.sessions.end.heading', { name }),
      text: t('user.sessions.end.text'),
      action: t('user.sessions.end'),
      danger: true,
      run: async () => {
        await api.delete(`/users/${id}/sessions`)
        toast(t('user.sessions.ended', { name }), { tone: 'success' })
        await this.#sessions.load()
      },
    }
  }
}
